// Exports the labels that were given in this page, in the form that hone failures --labels reads.
const store = "hone failures labels";
const tasks = new Set(data.tasks);
const mine = () => Object.entries(JSON.parse(localStorage.getItem(store) || "{}")).filter(([k]) => tasks.has(k)).map(([, v]) => v);
const button = document.createElement("button");
button.type = "button";
const show = () => {
  const n = mine().length;
  button.textContent = n === 1 ? "Export 1 label" : `Export ${n} labels`;
  button.disabled = n === 0;
};
button.addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(mine(), null, 2) + "\n"], { type: "application/json" }));
  link.download = "labels.json";
  link.click();
});
addEventListener("hone-labels", show);
element.append(button);
show();

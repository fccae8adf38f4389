// Data comes as JSON, compressed with gzip, in base64.
async function unpack(element) {
  const text = atob(element.textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// make creates an element; texts among the children are set as text.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((c) => c !== undefined));
  return element;
}

function dot(color) {
  return make("i", { class: "dot", style: `background:var(--${color})` });
}

// shown is a number as report/table.go shows it.
function shown(x, digits) {
  if (x === null) return "";
  if (!Number.isFinite(x)) return x < 0 ? "−∞" : "∞";
  const [whole, fraction] = Math.abs(x).toFixed(digits).split(".");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return (x < 0 ? "−" : "") + grouped + (fraction ? "." + fraction : "");
}

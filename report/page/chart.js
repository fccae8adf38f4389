// drawChart draws with ECharts. Colours are custom properties, so that light, dark
// and paper need no second drawing. Texts in the tooltip are set as text.
function drawChart(figure, data) {
  const plot = figure.querySelector(".plot");
  const chart = echarts.init(plot, null, { renderer: "svg" });
  chart.setOption(chartOption(data, getComputedStyle(figure).fontFamily, plot.clientWidth));
  new ResizeObserver(() => chart.resize()).observe(plot);
  const target = () => tables.find((t) => t.name === data.table);
  if (!data.table || !data.x.categories) return;
  plot.classList.add("chooses");
  const choose = (place) => {
    const column = target()?.rows.columns.find((c) => c.name === data.column);
    const category = data.x.categories[place];
    if (!column || category === undefined) return;
    target().setFilter(`${slug(column.name)}=${quote(category)}`);
    target().section.scrollIntoView({ block: "nearest" });
  };
  chart.getZr().on("click", (event) => {
    if (!chart.containPixel("grid", [event.offsetX, event.offsetY])) return;
    const at = chart.convertFromPixel("grid", [event.offsetX, event.offsetY]);
    choose(Math.round(at[data.sideways ? 1 : 0]));
  });
}

function chartOption(data, font, width) {
  const x = chartAxis(data.x, !data.x.categories, data);
  const y = chartAxis(data.y, true, data);
  const series = data.series.flatMap((s, i) => chartSeries(s, data, i));
  const named = data.series.filter((s) => s.name);
  const legend = named.length > 1 || (named.length === 1 && data.series.length > 1);
  return {
    animation: false,
    textStyle: { fontFamily: font, fontSize: 12, color: "var(--text)" },
    grid: { left: 4, right: data.x.categories && !data.sideways ? 38 : 18, top: (legend ? legendRows(named, width) * 22 + 6 : 8) + (data.sideways || !data.y.name ? 0 : 20), bottom: 4, outerBoundsMode: "same", outerBoundsContain: "all" },
    legend: legend ? { top: 0, left: 0, data: named.map((s) => ({ name: s.name, itemStyle: { color: `var(--${s.color})` } })), itemWidth: 10, itemHeight: 10, itemGap: 16, icon: "circle", textStyle: { color: "var(--text)", fontSize: 12 }, inactiveColor: "var(--faint)", selectedMode: true } : undefined,
    tooltip: { trigger: data.series.every((s) => s.shape === "points") ? "item" : "axis", confine: true, axisPointer: { type: data.series.some((s) => s.shape === "bars") ? "shadow" : "line", lineStyle: { color: "var(--faint)" }, shadowStyle: { color: "var(--hover)" } },
      backgroundColor: "var(--raised)", borderColor: "var(--line)", textStyle: { color: "var(--text)" }, formatter: (points) => chartTip([points].flat(), data) },
    xAxis: data.sideways ? y : x,
    yAxis: data.sideways ? { ...x, inverse: true } : y,
    series,
  };
}

// legendRows estimates how many rows the legend takes.
function legendRows(named, width) {
  let rows = 1, used = 0;
  for (const s of named) {
    const w = 28 + 7 * s.name.length;
    if (used + w > width && used > 0) {
      rows++;
      used = 0;
    }
    used += w;
  }
  return rows;
}

function chartAxis(axis, numeric, data) {
  const across = (axis === data.x) === !data.sideways;
  const label = { color: "var(--muted)", fontSize: 11.5 };
  const common = {
    name: axis.name, nameLocation: across ? "middle" : "end", nameGap: across ? 28 : 12,
    nameTextStyle: { color: "var(--muted)", fontSize: 11.5, align: across ? "center" : "left", padding: across ? 0 : [0, 0, 0, -24] },
    axisLine: { show: across, lineStyle: { color: "var(--axis)" } }, axisTick: { show: across && numeric, lineStyle: { color: "var(--axis)" } },
  };
  if (!numeric) {
    return { ...common, type: "category", data: axis.categories, axisLabel: { ...label, hideOverlap: true, width: across ? undefined : 220, overflow: "truncate" } };
  }
  return {
    ...common, type: axis.log ? "log" : "value", min: axis.min, max: axis.max, scale: axis === data.x,
    splitLine: { show: !across || data.sideways, lineStyle: { color: "var(--grid)" } }, minorSplitLine: { show: false },
    axisLabel: { ...label, hideOverlap: true, formatter: (v) => chartNumber(v, axis) },
  };
}

function chartNumber(v, axis) {
  if (axis.percent) return `${Number((v * 100).toPrecision(3))} %`;
  if (v !== 0 && (Math.abs(v) >= 1e6 || Math.abs(v) < 1e-4)) return v.toExponential().replace("e+", "e");
  return shown(v, Math.min(6, (String(Number(v.toPrecision(4))).split(".")[1] ?? "").length));
}

// chartSeries is a series with its interval.
function chartSeries(s, data, i) {
  const color = `var(--${s.color})`;
  const xs = s.y.map((_, k) => s.x?.[k] ?? k);
  const point = (x, y) => (data.sideways ? [y, x] : [x, y]);
  const values = s.y.map((y, k) => point(xs[k], y ?? "-"));
  const width = { barCategoryGap: s.y.length > 60 ? "0%" : "28%", barMaxWidth: 34 };
  const beside = data.series.filter((x) => x.shape === "bars" && !x.stacked);
  const main = {
    name: s.name || undefined, data: values, itemStyle: { color }, emphasis: { disabled: true }, cursor: data.table ? "pointer" : "default", z: 3,
  };
  if (s.shape === "bars") Object.assign(main, { type: "bar", stack: s.stacked ? "stack" : undefined, ...width, large: false });
  else if (s.shape === "points") Object.assign(main, { type: "scatter", symbolSize: 7, itemStyle: { color, opacity: 0.75 } });
  else Object.assign(main, { type: "line", step: s.shape === "steps" ? "end" : false, lineStyle: { color, width: 1.75 }, symbol: "circle", symbolSize: 5, showSymbol: s.y.length <= 40 });
  if (!s.lo || !s.hi || s.lo.length === 0) return [main];
  const interval = {
    type: "custom", name: s.name || undefined, silent: true, z: 2, tooltip: { show: false }, clip: true,
    data: xs.map((x, k) => [x, s.lo[k] ?? "-", s.hi[k] ?? "-"]), encode: data.sideways ? { y: 0, x: [1, 2] } : { x: 0, y: [1, 2] },
    renderItem: s.shape === "line" || s.shape === "steps" ? band : whiskers,
  };
  return [interval, main];

  function band(params, api) {
    if (params.dataIndex !== 0) return;
    const known = xs.map((_, k) => k).filter((k) => s.lo[k] != null && s.hi[k] != null);
    const edge = (ys, ks) => ks.map((k) => api.coord(point(xs[k], ys[k])));
    return { type: "polygon", shape: { points: [...edge(s.hi, known), ...edge(s.lo, known.reverse())] }, style: { fill: color, opacity: 0.16 } };
  }

  function whiskers(params, api) {
    const k = params.dataIndex;
    if (s.lo[k] == null || s.hi[k] == null) return;
    const [a, b] = [api.coord(point(xs[k], s.lo[k])), api.coord(point(xs[k], s.hi[k]))];
    if (beside.includes(s)) { // its whisker stands on the bar, not amid those of all series
      const shift = api.barLayout({ count: beside.length, ...width })[beside.indexOf(s)].offsetCenter;
      for (const p of [a, b]) p[data.sideways ? 1 : 0] += shift;
    }
    const cap = data.sideways ? [0, 4] : [4, 0];
    const line = (p, q) => ({ type: "line", shape: { x1: p[0], y1: p[1], x2: q[0], y2: q[1] }, style: { stroke: "var(--text)", lineWidth: 1.25 } });
    const ends = [a, b].map((p) => line([p[0] - cap[0], p[1] - cap[1]], [p[0] + cap[0], p[1] + cap[1]]));
    return { type: "group", children: [line(a, b), ...ends] };
  }
}

// chartTip is an element that says what is pointed at.
function chartTip(points, data) {
  const seen = points.filter((p) => p.seriesType !== "custom" && p.value?.[data.sideways ? 0 : 1] !== "-");
  if (seen.length === 0) return "";
  const tip = make("div", { class: "tip" });
  const at = seen[0].value[data.sideways ? 1 : 0];
  tip.append(make("div", { class: "at" }, data.x.categories ? data.x.categories[at] : `${data.x.name || "x"} ${chartNumber(at, data.x)}`));
  for (const p of seen) {
    const s = data.series.find((s) => (s.name || undefined) === p.seriesName) ?? data.series[0];
    const k = p.dataIndex;
    if (s.stacked && seen.length > 1 && !s.y[k]) continue;
    let value = chartNumber(s.y[k], data.y);
    if (s.lo?.[k] != null) value += ` [${chartNumber(s.lo[k], data.y)}, ${chartNumber(s.hi[k], data.y)}]`;
    tip.append(make("div", {}, dot(s.color), s.labels?.[k] ?? s.name, make("b", {}, value)));
  }
  return tip;
}

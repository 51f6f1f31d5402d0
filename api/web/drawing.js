// Pictures as SVG, each with a name for who does not see it. Values in, elements out.
"use strict";

const SPACE = "http://www.w3.org/2000/svg";

export function made(tag, attributes = {}, ...within) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...within.filter((each) => each !== null && each !== undefined));
  return element;
}

function shape(tag, attributes, ...within) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...within);
  return element;
}

function picture(width, height, name, ...within) {
  return shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name }, ...within);
}

function tip(text) {
  return shape("title", {}, text);
}

// Lines over time: lines are {name, values}, marks are {at: 0 to 1, text}.
export function overTime(name, lines, marks) {
  const [width, height] = [300, 70];
  const most = Math.max(1e-9, ...lines.flatMap((line) => line.values));
  const drawn = lines.map((line) => {
    const step = width / Math.max(1, line.values.length - 1);
    const points = line.values.map((value, place) => `${(place * step).toFixed(1)},${(height - 2 - (value / most) * (height - 8)).toFixed(1)}`);
    return shape("polyline", { class: `line-${line.name}`, points: points.join(" ") });
  });
  const marked = marks.map((mark) => shape("line", {
    class: "mark", x1: (mark.at * width).toFixed(1), x2: (mark.at * width).toFixed(1), y1: 0, y2: height,
  }, tip(mark.text)));
  return picture(width, height, name, ...drawn, ...marked);
}

// One bar, as long as its share of the longest; what it says stands beside it.
export function bar(share) {
  return shape("svg", { viewBox: "0 0 100 10", class: "share", "aria-hidden": "true", preserveAspectRatio: "none" },
    shape("rect", { class: "bar", x: 0, y: 0, width: (100 * share).toFixed(1), height: 10 }));
}

// Stacked bars: columns are [{name, value}], one after the other in time.
export function stacked(name, columns) {
  const [width, height] = [600, 140];
  const most = Math.max(1, ...columns.map((column) => column.reduce((sum, part) => sum + part.value, 0)));
  const wide = width / Math.max(1, columns.length);
  const bars = columns.flatMap((column, place) => {
    let top = height;
    return column.filter((part) => part.value > 0).map((part) => {
      const tall = (part.value / most) * (height - 4);
      top -= tall;
      return shape("rect", {
        class: `s-${part.name}`, x: (place * wide + 1).toFixed(1), y: top.toFixed(1), width: Math.max(1, wide - 2).toFixed(1),
        height: tall.toFixed(1),
      }, tip(`${part.label}: ${part.value}`));
    });
  });
  return picture(width, height, name, ...bars);
}

// One step behind the other, each beginning where the step before ended; the same a day before stands below each.
export function waterfall(name, steps) {
  const [width, tall, left] = [600, 26, 120];
  const sum = (key) => steps.reduce((whole, step) => whole + Math.max(0, step[key] ?? 0), 0);
  const most = Math.max(1, sum("now"), sum("before"));
  const scale = (width - left - 90) / most;
  let [here, then] = [0, 0];
  const rows = steps.flatMap((step, place) => {
    const [now, before] = [Math.max(0, step.now ?? 0), Math.max(0, step.before ?? 0)];
    const y = place * tall;
    const parts = [
      shape("text", { x: 0, y: y + 15 }, step.label),
      shape("rect", { class: "bar", x: (left + here * scale).toFixed(1), y: y + 4, width: Math.max(1, now * scale).toFixed(1), height: 11 }),
      shape("rect", { class: "bar before", x: (left + then * scale).toFixed(1), y: y + 17, width: Math.max(before ? 1 : 0, before * scale).toFixed(1), height: 4 }),
      shape("text", { x: (left + (here + now) * scale + 4).toFixed(1), y: y + 14 }, step.said),
    ];
    here += now;
    then += before;
    return parts;
  });
  return picture(width, steps.length * tall, name, ...rows);
}

"use strict";
// Values of a chart under the pointer; a slider does the same for keyboard and touch.
{
  const SVG = "http://www.w3.org/2000/svg";
  const draw = (tag, attributes) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };

  const place = (axis, value) => {
    const scaled = (v) => (axis.isLog ? Math.log10(v) : v);
    const fraction = (scaled(value) - scaled(axis.low)) / (scaled(axis.high) - scaled(axis.low));
    return axis.start + fraction * (axis.end - axis.start);
  };

  // The last point at or before x, so that the steps of an ROC curve read right; nothing where
  // the line has not begun or has ended (a run that stopped early).
  const pointAt = (line, x) => {
    if (x > line.x.at(-1)) return -1;
    return line.x.findLastIndex((value) => value <= x);
  };

  const format = (value) => String(Number(value.toPrecision(4)));

  const equip = (panel) => {
    const { x, y, lines } = JSON.parse(panel.querySelector("script").textContent);
    const svg = panel.querySelector("svg");
    const marks = svg.appendChild(draw("g", { class: "marks" }));
    const stops = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
    const legend = [...panel.querySelectorAll(".legend li")].map((item) => {
      const value = item.appendChild(document.createElement("span"));
      value.className = "value";
      return value;
    });
    const names = [...new Set(lines.map((line) => line.name))];

    const label = document.createElement("label");
    label.className = "reader";
    const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: stops.length - 1 });
    const at = document.createElement("span");
    label.append(at, slider);
    panel.querySelector(".legend").before(label);
    const unread = `${panel.querySelector("svg > text").textContent}: choose to read values`;

    const show = (index) => {
      const here = stops[index];
      const found = lines.map((line) => [line, pointAt(line, here)]).filter(([, i]) => i >= 0);
      const column = place(x, here).toFixed(1);
      marks.replaceChildren(
        draw("path", { d: `M${column} ${y.end}V${y.start}` }),
        ...found.map(([line, i]) => draw("circle", { cx: place(x, line.x[i]), cy: place(y, line.y[i]), r: 3.5 })),
      );
      for (const [i, name] of names.entries()) {
        const values = found.filter(([line]) => line.name === name);
        legend[i].textContent = values
          .map(([line, k]) => (line.run ? `${line.run}: ` : "") + format(line.y[k]))
          .join(", ");
      }
      at.textContent = unread.replace(/:.*/, ` ${format(here)}`);
      slider.value = index;
      slider.setAttribute("aria-valuetext", `${at.textContent}; ${names.map((name, i) => `${name} ${legend[i].textContent}`).join("; ")}`);
    };

    const follow = (event) => {
      const box = svg.getBoundingClientRect();
      const column = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
      const distances = stops.map((value) => Math.abs(place(x, value) - column));
      show(distances.indexOf(Math.min(...distances)));
    };

    at.textContent = unread;
    slider.value = stops.length - 1;
    slider.addEventListener("input", () => show(Number(slider.value)));
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
  };

  for (const panel of document.querySelectorAll(".panel")) equip(panel);
}

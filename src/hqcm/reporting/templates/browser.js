"use strict";
// The attention browser: choose slices, step through them, move the threshold.
for (const root of document.querySelectorAll(".browser")) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const { size } = data;
  const colours = painting.decodeColours(data.colours);
  const networks = Object.entries(data.networks).map(([role, network]) => ({ ...network, role, maps: attention.decodeMaps(network.maps) }));
  const style = getComputedStyle(root);
  const named = (name) => root.querySelector(`[name="${name}"]`);
  const inView = (name, tag) => root.querySelector(`[data-view="${name}"] ${tag}`);
  const [threshold, scale] = [named("threshold"), named("scale")];
  const nTiles = data.columns ** 2;
  const sheets = [];
  let [chosen, at] = [[], 0];

  const loadSheet = (index) => {
    sheets[index] ??= (async () => {
      const image = new Image();
      image.src = `data:image/jpeg;base64,${data.sheets[index]}`;
      await image.decode();
      return image;
    })();
    return sheets[index];
  };

  const describe = (network, i, label, found) => {
    const predicted = network.predicted[i];
    const probability = network.probabilities[i][predicted].toFixed(2);
    const verdict = predicted === label ? "✓ right" : "✗ wrong";
    const jaccard = found.jaccard === null ? "not defined" : found.jaccard.toFixed(3);
    return [
      `${verdict}: ${data.classes[predicted]}, probability ${probability}`,
      `Jaccard index ${jaccard}`,
      `active ${(100 * found.active).toFixed(1)} % of the area`,
    ];
  };

  const tell = (name, lines) => {
    inView(name, ".facts").replaceChildren(...lines.flatMap((line) => [document.createElement("br"), line]).slice(1));
    inView(name, "canvas").setAttribute("aria-label", lines.join("; "));
  };

  const paint = (name, sheet, i) => {
    const context = painting.prepare(inView(name, "canvas"), size);
    painting.paintSlice(context, sheet, i % nTiles, data.columns, size);
    return context;
  };

  const readMap = (network, i) => {
    const map = attention.upsample(network.maps, i, network.cells, size);
    return scale.value === "minmax" ? attention.stretch(map) : map;
  };

  const showNetwork = (network, sheet, i, label, mask, border) => {
    const [map, tau] = [readMap(network, i), Number(threshold.value)];
    const context = paint(network.role, sheet, i);
    painting.paintMap(context, map, colours, data.opacity, size);
    if (border) painting.paintBorder(context, border, style.getPropertyValue("--mask"), []);
    const active = painting.traceBorder((pixel) => map[pixel] >= tau, size);
    painting.paintBorder(context, active, style.getPropertyValue("--active"), [9, 6]);
    tell(network.role, describe(network, i, label, attention.measure(map, mask, tau, data.emptyMask)));
  };

  const show = async () => {
    named("chosen").textContent = Number(threshold.value).toFixed(2);
    named("position").textContent = chosen.length ? `${at + 1} of ${chosen.length}` : "no matching slice";
    root.querySelector(".views").hidden = !chosen.length;
    for (const name of ["previous", "next"]) named(name).disabled = chosen.length < 2;
    if (!chosen.length) return;
    const i = chosen[at];
    const [id, label, runs] = data.slices[i];
    const sheet = await loadSheet(Math.floor(i / nTiles));
    if (chosen[at] !== i) return; // a reader has moved on while the image was unpacked
    const mask = runs && attention.decodeMask(runs, size * size);
    const border = mask && painting.traceBorder((pixel) => mask[pixel] === 1, size);
    const context = paint("slice", sheet, i);
    if (border) painting.paintBorder(context, border, style.getPropertyValue("--mask"), []);
    tell("slice", [`actual class: ${data.classes[label]}`, ...(mask ? [] : ["no mask was drawn"]), id]);
    for (const network of networks) showNetwork(network, sheet, i, label, mask, border);
  };

  const isChosen = (i) => {
    const label = data.slices[i][1];
    const fits = (network) => {
      const wanted = named(network.role).value;
      return !wanted || (wanted === "right") === (network.predicted[i] === label);
    };
    const wanted = named("class").value;
    return (!wanted || Number(wanted) === label) && networks.every(fits);
  };

  const choose = () => {
    const before = chosen[at];
    chosen = [...data.slices.keys()].filter(isChosen);
    at = Math.max(chosen.indexOf(before), 0);
    show();
  };

  const move = (step) => {
    at = (at + step + chosen.length) % chosen.length;
    show();
  };

  const onKey = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !chosen.length || event.target.matches("input, select")) return;
    event.preventDefault();
    move(step);
  };

  for (const select of root.querySelectorAll("select")) select.addEventListener("change", choose);
  for (const preset of root.querySelectorAll(".presets button")) {
    preset.addEventListener("click", () => {
      threshold.value = preset.value;
      show();
    });
  }
  threshold.addEventListener("input", show);
  named("previous").addEventListener("click", () => move(-1));
  named("next").addEventListener("click", () => move(1));
  root.addEventListener("keydown", onKey);
  const stops = [0, 64, 128, 192, 255].map((i) => `rgb(${colours[i]})`);
  root.querySelector(".scale").style.background = `linear-gradient(90deg, ${stops})`;
  root.hidden = false;
  choose();
  at = Math.max(data.slices.findIndex(([, label]) => label > 0), 0); // there is more to see on a tumour
  show();
}

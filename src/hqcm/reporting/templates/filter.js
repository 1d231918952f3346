"use strict";
// A table of verdicts can be narrowed to one of them.
for (const table of document.querySelectorAll("main table")) {
  const headers = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const column = headers.indexOf("verdict");
  const rows = [...table.tBodies[0].rows];
  const verdicts = [...new Set(rows.map((row) => row.cells[column]?.textContent.trim()))];
  if (column < 0 || rows.length < 9 || verdicts.length < 2) continue;
  const select = document.createElement("select");
  for (const verdict of ["", ...verdicts]) select.append(new Option(verdict || "all verdicts", verdict));
  const label = document.createElement("label");
  label.className = "filter";
  label.append("show ", select);
  select.addEventListener("change", () => {
    for (const row of rows) row.hidden = select.value !== "" && row.cells[column].textContent.trim() !== select.value;
  });
  table.parentElement.before(label);
}

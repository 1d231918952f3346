"use strict";
// Headers become buttons that sort: up, down, back to the order of the report.
{
  const LAST = [1, 0, 0];

  // Dashes come last, "< 0.0001" comes just before 0.0001, and "96.8 %" is 96.8.
  const rank = (text) => {
    const found = text.replaceAll(",", "").match(/^([<>]?)[\s±]*([-+−]?\s*\d+(?:\.\d+)?(?:e[-+]?\d+)?)/i);
    if (!found) return LAST;
    const value = Number(found[2].replace("−", "-").replace(/\s/g, ""));
    return [0, value, { "<": -1, ">": 1 }[found[1]] ?? 0];
  };

  const compareNumbers = (one, other, turn) => {
    const [a, b] = [rank(one), rank(other)];
    return a[0] - b[0] || turn * (a[1] - b[1] || a[2] - b[2]);
  };

  const compareTexts = (one, other, turn) => {
    const isEmpty = (text) => Number(["–", ""].includes(text));
    return isEmpty(one) - isEmpty(other) || turn * one.localeCompare(other, "en", { numeric: true });
  };

  const sortRows = (body, rows, column, isNumber, turn) => {
    const text = (row) => row.cells[column].textContent.trim();
    const compare = isNumber ? compareNumbers : compareTexts;
    const sorted = turn === 0 ? rows : [...rows].sort((a, b) => compare(text(a), text(b), turn));
    body.append(...sorted);
  };

  const NEXT = { none: ["ascending", 1], ascending: ["descending", -1], descending: ["none", 0] };

  const makeSortable = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const headers = [...table.tHead.rows[0].cells];
    for (const [column, header] of headers.entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      header.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const [order, turn] = NEXT[header.getAttribute("aria-sort")];
        for (const other of headers) other.setAttribute("aria-sort", "none");
        header.setAttribute("aria-sort", order);
        sortRows(body, rows, column, header.classList.contains("number"), turn);
      });
    }
  };

  for (const table of document.querySelectorAll("main table")) {
    if (table.tBodies[0].rows.length > 2) makeSortable(table);
  }
}

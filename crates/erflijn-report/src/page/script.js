(() => {
  "use strict";
  const tools = document.querySelector(".tools");
  const words = JSON.parse(tools.dataset.words);

  const key = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return null;
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    return cell.classList.contains("number") ? null : cell.textContent.trim() || null;
  };

  const sort = (table, column, descending) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row, column), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      const order = typeof a === "number" && typeof b === "number"
        ? a - b
        : String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
      return descending ? -order : order;
    });
    body.append(...rows.map(([, row]) => row));
  };

  for (const table of document.querySelectorAll("table")) {
    if (table.tBodies[0].rows.length < 3) continue;
    for (const header of table.tHead.rows[0].cells) {
      if (header.tagName !== "TH") continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.title = `${words.sort} ${header.textContent}`;
      header.replaceChildren(button);
      header.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const first = header.classList.contains("number") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const next = header.getAttribute("aria-sort") === first ? other : first;
        for (const cell of table.tHead.rows[0].cells) {
          if (cell.hasAttribute("aria-sort")) cell.setAttribute("aria-sort", "none");
        }
        header.setAttribute("aria-sort", next);
        sort(table, header.cellIndex, next === "descending");
      });
    }
  }

  const areas = JSON.parse(tools.dataset.areas || "[]");
  if (areas.length === 0) return;
  const label = document.createElement("label");
  const select = document.createElement("select");
  select.append(new Option(words.all, ""), ...areas.map((area) => new Option(area, area)));
  label.append(`${words.area}: `, select);
  tools.append(label);
  tools.hidden = false;
  select.addEventListener("change", () => {
    for (const row of document.querySelectorAll("tr[data-area]")) {
      row.hidden = select.value !== "" && row.dataset.area !== select.value;
    }
  });
})();

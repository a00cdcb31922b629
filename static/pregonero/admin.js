"use strict";
// Comforts only: every page works without this file.
{
    // On a phone each row of a list is a card; its cells need the words of the header.
    const labelCells = (table) => {
        const words = [...table.querySelectorAll("thead th")].map((cell) => (cell.querySelector(".text") || cell).textContent.trim());
        for (const row of table.querySelectorAll("tbody tr")) {
            [...row.children].forEach((cell, index) => {
                if (words[index] && !cell.dataset.label && !cell.classList.contains("action-checkbox")) {
                    cell.dataset.label = words[index];
                }
                // A lone dash says "nothing"; on a card it is noise.
                cell.classList.toggle("p-none", ["", "-", "–"].includes(cell.textContent.trim()) && !cell.querySelector("img, input, svg"));
            });
        }
    };
    const labelTables = (root) => root.querySelectorAll("#result_list, .p-as-cards").forEach(labelCells);

    // Open drop-downs close when one clicks elsewhere or presses Escape.
    const dropDowns = () => document.querySelectorAll("details.p-filter[open], details.p-user[open]");
    document.addEventListener("click", (event) => {
        for (const open of dropDowns()) {
            if (!open.contains(event.target)) {
                open.open = false;
            }
        }
    });
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") {
            return;
        }
        for (const open of dropDowns()) {
            const hadFocus = open.contains(document.activeElement);
            open.open = false;
            if (hadFocus) {
                open.querySelector("summary").focus();
            }
        }
    });

    // Django's own widgets leave some parts without a name: borrow it from what stands beside them.
    const nameWidgets = () => {
        for (const input of document.querySelectorAll(".datetime input:not([aria-label])")) {
            const label = input.closest(".form-row, td")?.querySelector("label, .p-label");
            const before = input.previousSibling ? input.previousSibling.textContent.trim() : "";
            input.setAttribute("aria-label", `${label ? label.textContent.trim() : ""} ${before}`.trim());
        }
        for (const tip of document.querySelectorAll("span.help-tooltip[aria-label]")) {
            tip.setAttribute("role", "img");
        }
    };

    // select2 puts its button "clear" among the items of a list, which is none then.
    const unlist = (list) => [list, ...list.querySelectorAll(":scope > li")].forEach((part) => part.setAttribute("role", "presentation"));

    // select2 gives its box no name of its own: borrow the one of the label.
    const nameSelect2 = () => {
        for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
            const label = select.labels[0] || document.querySelector(`label[for="${select.id}"]`);
            const box = select.nextElementSibling && select.nextElementSibling.querySelector("[role=combobox]");
            if (label && box) {
                label.id = label.id || `${select.id}_label`;
                box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby") || ""}`.trim());
            }
            const parts = select.nextElementSibling ? select.nextElementSibling.querySelectorAll("[role=textbox], input, textarea") : [];
            if (label) {
                parts.forEach((part) => part.setAttribute("aria-label", label.textContent.trim()));
            }
            const chosen = select.nextElementSibling ? select.nextElementSibling.querySelector("ul.select2-selection__rendered") : null;
            if (chosen) {
                unlist(chosen);
                new MutationObserver(() => unlist(chosen)).observe(chosen, { childList: true });
            }
        }
    };

    // The session ended while a part of the page was refreshing itself: show the login page, not a piece of it.
    document.addEventListener("htmx:beforeSwap", (event) => {
        if (new URL(event.detail.xhr.responseURL, location).pathname.endsWith("/login/")) {
            event.detail.shouldSwap = false;
            location.reload();
        }
    });

    labelTables(document);
    nameWidgets();
    window.addEventListener("load", nameWidgets);
    // After Django's own start, which jQuery may put off until after "load".
    if (window.django && window.django.jQuery) {
        window.django.jQuery(nameSelect2);
    }
    document.addEventListener("htmx:load", (event) => labelTables(event.target));
}

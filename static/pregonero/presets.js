"use strict";
// A preset fills in the form in place; without this file its button does the same by a reload.
for (const button of document.querySelectorAll(".n-preset")) {
    button.addEventListener("click", (event) => {
        event.preventDefault();
        const values = JSON.parse(document.getElementById(`n-values-${button.value}`).textContent);
        let last = null;
        for (const [name, value] of Object.entries(values)) {
            const field = button.form.elements[name];
            if (field) {
                field.value = value;
                last = field;
            }
        }
        if (last) {
            last.dispatchEvent(new Event("input", { bubbles: true }));
        }
        const said = document.getElementById("n-preset-said");
        said.textContent = said.dataset.words;
    });
}

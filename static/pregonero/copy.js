"use strict";
// Comfort only: a text that is there to be copied is chosen whole when its box opens or is touched.
for (const box of document.querySelectorAll("details.p-copy")) {
    const text = box.querySelector("input[readonly]");
    box.addEventListener("toggle", () => box.open && text.select());
    text.addEventListener("focus", () => text.select());
}

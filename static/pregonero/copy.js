"use strict";
// Comfort only: a text that is there to be copied is chosen whole when its box opens or is touched, and copied by a
// button. Without this script it can be chosen by hand.
for (const box of document.querySelectorAll("details.p-copy")) {
    const text = box.querySelector("input[readonly]");
    box.addEventListener("toggle", () => box.open && text.select());
    text.addEventListener("focus", () => text.select());
}
for (const button of document.querySelectorAll("button[data-copies]")) {
    const text = document.getElementById(button.dataset.copies);
    const word = button.querySelector("span");
    text.addEventListener("focus", () => text.select());
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text.value);
        word.textContent = button.dataset.done;
    });
}

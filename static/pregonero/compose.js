"use strict";
// Comforts of the page on which a message is written: everything on it can be done without them.
{
    const TEXTS = ["id_body", "id_email_body", "id_subject"];
    const SHORTCUTS = { b: "*", i: "_" };
    let last = document.getElementById("id_body"); // where the cursor was
    let picture = "";

    const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

    const insert = (field, text) => {
        field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
        field.focus();
        changed(field);
    };

    // Around whole words: a mark beside a blank is no mark. What is marked already loses its marks.
    const wrap = (field, mark) => {
        const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
        const words = chosen.trim();
        let start = field.selectionStart + chosen.indexOf(words);
        let end = start + words.length;
        if (field.value.slice(start - mark.length, start) === mark && field.value.slice(end, end + mark.length) === mark) {
            start -= mark.length;
            end += mark.length;
        }
        const whole = field.value.slice(start, end);
        const isMarked = whole.length >= 2 * mark.length && whole.startsWith(mark) && whole.endsWith(mark);
        const inner = isMarked ? whole.slice(mark.length, -mark.length) : whole;
        field.setRangeText(isMarked ? inner : mark + inner + mark, start, end);
        const from = isMarked ? start : start + mark.length;
        field.setSelectionRange(from, from + inner.length);
        field.focus();
        changed(field);
    };

    document.addEventListener("focusin", (event) => {
        if (TEXTS.includes(event.target.id) || event.target.matches("[data-place]")) {
            last = event.target;
        }
    });
    document.addEventListener("click", (event) => {
        const tool = event.target.closest(".k-tool");
        if (tool && last?.isConnected) {
            tool.dataset.insert ? insert(last, tool.dataset.insert) : wrap(last, tool.dataset.wrap);
        }
    });
    document.addEventListener("keydown", (event) => {
        // The results come by themselves; sending the form away would lose the place.
        if (event.key === "Enter" && event.target.matches("[data-stay]")) {
            event.preventDefault();
        }
        const mark = SHORTCUTS[event.key];
        if (mark && (event.ctrlKey || event.metaKey) && !event.shiftKey && TEXTS.includes(event.target.id)) {
            event.preventDefault();
            wrap(event.target, mark);
        }
    });

    // A picture that was chosen and not saved yet shortens the text that fits, and is shown from this device.
    const file = document.getElementById("id_image");
    if (file) {
        file.addEventListener("change", () => {
            URL.revokeObjectURL(picture);
            picture = file.files.length ? URL.createObjectURL(file.files[0]) : "";
            document.getElementById("k-has-picture").value = picture ? "1" : "";
        });
    }
    document.addEventListener("htmx:afterSettle", () => {
        for (const place of document.querySelectorAll(".k-new-picture")) {
            const image = new Image();
            image.className = "c-picture";
            image.alt = place.textContent.trim();
            image.onload = () => place.replaceWith(image);
            image.src = picture;
        }
    });

    for (const tools of document.querySelectorAll(".k-tools")) {
        tools.hidden = false;
    }
}

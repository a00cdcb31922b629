// What stands around the verdict: the line of the state, counts, last scans, conflicts, the camera's sentence, questions.
const MOST_SHOWN = 30;

const element = (name, className, text = "") => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
};
const sign = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#d-${name}`);
    svg.setAttribute("class", "d-small-sign");
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
};

// Ask with a <dialog> of the page; resolves to whether the answer was yes.
export const ask = (dialog) =>
    new Promise((resolve) => {
        dialog.returnValue = "no";
        dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
        dialog.showModal();
    });

export const makeView = ({ page, say, hour, outcomeOf, canUndo, onUndo, onSeen }) => {
    const show = (name) => page.querySelector(`[data-show="${name}"]`);
    const write = (name, text) => {
        const place = show(name);
        if (place.textContent !== text) place.textContent = text;  // a live region speaks only of what is new
    };
    const last = [];

    const networkWords = (state) => {
        const waiting = state.waiting && say(state.waiting === 1 ? "waiting_one" : "waiting_many", { n: state.waiting });
        return [say(state.online ? "online" : "offline"), waiting].filter(Boolean).join(" · ");
    };
    // Apart from the other, which is read aloud when it changes: this one changes every minute.
    const listWords = (state, listAt) =>
        ` · ${listAt ? say("list_of", { time: hour(listAt) }) : say(state.keeps ? "list_missing" : "keeps_nothing")}`;

    const scanRow = (verdict) => {
        const outcome = outcomeOf(verdict);
        const row = element("li", "d-row");
        row.dataset.outcome = outcome;
        const what = element("div", "d-row-what");
        what.append(element("strong", "", verdict.name || verdict.code || verdict.typed || say("ticket")));
        const facts = [verdict.undone ? say("taken_back") : verdict.title || say(`title_${outcome}`)];
        if (verdict.admitted > 1) facts.push(say("let_in_people", { n: verdict.admitted }));
        if (verdict.name && verdict.code) facts.push(verdict.code);
        if (verdict.alone) facts.push(say("without_network"));
        what.append(element("small", "", facts.join(" · ")));
        row.append(sign(outcome), what, element("time", "d-row-time", hour(verdict.at)));
        if (canUndo && outcome === "good" && verdict.checkin && !verdict.undone) {
            const undo = element("button", "d-button d-row-undo", say("take_back"));
            undo.type = "button";
            undo.addEventListener("click", () => onUndo(verdict));
            row.append(undo);
        }
        return row;
    };

    const drawLast = () => {
        show("no-scans").hidden = last.length > 0;
        show("last").replaceChildren(...last.map(scanRow));
    };

    const conflictRow = (conflict) => {
        const row = element("li", "d-conflict");
        const values = { n: conflict.let_in, time: hour(Date.parse(conflict.at)), gate: conflict.gate || "–" };
        const text = element("div", "");
        const isError = conflict.reason === "error";
        text.append(element("strong", "", say(isError ? "conflict_error" : "conflict", values)));
        const why = conflict.sentence || say(`title_${isError ? "error" : outcomeOf(conflict)}`);
        text.append(element("p", "", [conflict.who, why].filter(Boolean).join(": ")));
        const seen = element("button", "d-button", say("seen"));
        seen.type = "button";
        seen.addEventListener("click", () => onSeen(conflict.nonce));
        row.append(text, seen);
        return row;
    };

    return {
        state: (state, listAt) => {
            show("state").hidden = false;
            show("state").dataset.online = state.online ? "yes" : "no";
            write("network", networkWords(state));
            write("list", listWords(state, listAt));
            write("stopped", state.stopped);
            show("stopped").hidden = !state.stopped;
            show("conflicts").hidden = !state.conflicts.length;
            show("conflicts").querySelector("ul").replaceChildren(...state.conflicts.map(conflictRow));
            show("counts").hidden = !state.counts;
            if (state.counts) {
                write("inside", String(state.counts.inside));
                write("expected", say("of_expected", { n: state.counts.expected }));
            }
        },
        camera: (word, { torch = false }) => {
            const eye = page.querySelector(".d-eye");
            eye.dataset.state = ["on", "off", "starting"].includes(word) ? word : "trouble";
            write("camera", word === "on" ? "" : say(word === "off" ? "camera_off" : word === "starting" ? "camera_starting" : word));
            eye.querySelector('[data-do="camera"]').textContent = say(word === "on" ? "camera_stop" : "camera_start");
            eye.querySelector('[data-do="torch"]').hidden = !torch;
        },
        gate: (name) => write("gate", name),
        checking: (is) => { show("checking").hidden = !is; },
        add: (verdict) => {
            last.unshift(verdict);
            last.length = Math.min(last.length, MOST_SHOWN);
            drawLast();
        },
        // What the server made of a scan that was judged here.
        settled: (result) => {
            const known = last.find((verdict) => verdict.nonce === result.nonce);
            if (!known || result.error) return;
            if (known.result === "refused" && result.result === "good") return;  // sent away here, and taken back there
            Object.assign(known, result, { alone: false });
            drawLast();
        },
        undone: (verdict) => {
            verdict.undone = true;
            drawLast();
        },
    };
};

// The door page. Here its parts are put together; what each does stands in its own file.
const page = document;
const script = page.querySelector("script[data-decoder]");
const config = JSON.parse(page.getElementById("door-config").textContent);
const links = [...page.querySelectorAll("link[data-module]")];
const parts = Object.fromEntries(
    await Promise.all(links.map(async (link) => [link.dataset.module, await import(link.href)])),
);
const { codes, view: views } = parts;
const HELD = 3000;  // ms that a QR has to be out of the picture before it counts as another scan
const SLOW = 200;  // ms without an answer until the page says that it asks

const words = config.words;
const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

// Such as 20:14, where the event is, wherever the phone believes to be.
const hour = (() => {
    const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    try {
        return new Intl.DateTimeFormat([], { ...shape, timeZone: page.documentElement.dataset.zone || undefined }).format;
    } catch {
        return new Intl.DateTimeFormat([], shape).format;  // a zone that is younger than this browser
    }
})();

// Comforts of this phone. Where the browser keeps nothing, they last as long as the page.
const remembered = (name, start) => {
    let value = start;
    try { value = localStorage.getItem(`pregonero-door-${name}`) ?? start; } catch { /* kept in memory */ }
    return {
        get value() { return value; },
        set value(next) {
            value = next;
            try { localStorage.setItem(`pregonero-door-${name}`, next); } catch { /* kept in memory */ }
        },
        forget: () => {
            try { localStorage.removeItem(`pregonero-door-${name}`); } catch { /* it never was there */ }
        },
    };
};
const slug = config.event.slug;
// Of this event and of whoever stands at this gate: the next one with this phone has a gate of their own.
const gate = remembered(`gate-${slug}-${config.gate ?? ""}`, config.gate ?? "");
const sound = remembered("sound", "on");

const store = await parts.store.openStore().catch(() => parts.store.memoryStore());
const server = parts.server.makeServer({ urls: config.urls, csrf: config.csrf, words });
const list = parts.list.makeList({ store, slug, codes });
const queue = parts.queue.makeQueue({ store, server, slug, onResult: (scan, result) => desk.settle(scan, result) });
const desk = parts.desk.makeDesk({
    store, server, list, queue, codes, slug, judge: parts.judge.judge, Offline: parts.server.Offline, trouble: words.trouble, hour,
    onChange: (state) => view.state(state, Math.max(list.madeAt, list.checkedAt)),
    onSettled: (result) => view.settled(result),
});
const view = views.makeView({
    page, say, hour, outcomeOf: parts.verdict.outcomeOf, canUndo: config.can_undo, onUndo: takeBack, onSeen: (nonce) => desk.seen(nonce),
});
const signals = parts.signals.makeSignals();
let shown = "";  // the text whose verdict is on the screen
const verdict = parts.verdict.makeVerdict({
    page, say, onMore: (people) => scan(shown, people), onClosed: (byKey) => { if (byKey || !camera.isOn) field.focus(); },
});

async function scan(text, people = null) {
    // What cannot even be kept here lets nobody in.
    const trouble = { result: "refused", reason: "stopped", sentence: say("trouble"), inside: 0, people: 0 };
    // The verdict on somebody else must not stand there while this one is asked for.
    if (text !== shown) verdict.close();
    const late = setTimeout(() => view.checking(true), SLOW);
    const answer = await desk.scan(text, people, gate.value).catch(() => trouble);
    clearTimeout(late);
    view.checking(false);
    shown = text;
    // A typed code is in the typing person's eyes already; what a QR says is not shown.
    view.add({ ...answer, at: Date.now(), typed: codes.codeIn(text) ?? "" });
    verdict.open(answer);
    signals.give(parts.verdict.outcomeOf(answer), sound.value === "on");
}

const isNew = parts.camera.makeOnceOnly(HELD);
const camera = parts.camera.makeCamera({
    video: page.querySelector("video"), decoderAddress: script.dataset.decoder,
    onText: (text) => { if (isNew(text)) scan(text); },
    onState: (word, can) => view.camera(word, can),
});

async function takeBack(entry) {
    const dialog = page.querySelector('[data-ask="undo"]');
    const reason = dialog.querySelector("input");
    page.querySelector('[data-show="undo-whom"]').textContent = [entry.name, entry.code].filter(Boolean).join(" · ");
    dialog.querySelector(".d-wrong").textContent = "";
    reason.value = "";
    while (await views.ask(dialog)) {
        try {
            await desk.undo(entry, reason.value.trim());
            view.undone(entry);
            return;
        } catch (error) {
            dialog.querySelector(".d-wrong").textContent = error.sentence ?? say("undo_needs_network");
        }
    }
}

const field = page.getElementById("d-code");
page.querySelector('form[data-do="type"]').addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = field.value.trim();
    const wrong = page.getElementById("d-code-wrong");
    wrong.textContent = codes.ticketIn(typed) ? "" : say(typed ? "code_wrong" : "code_empty");
    field.setAttribute("aria-invalid", String(!codes.ticketIn(typed)));
    if (!codes.ticketIn(typed)) return;
    field.value = "";
    scan(typed);
});
// A reader that types like a keyboard writes an address, whose letters are not all capitals.
field.addEventListener("input", () => field.classList.toggle("d-address", field.value.includes("/")));

let wanted = true;
page.querySelector('[data-do="camera"]').addEventListener("click", () => {
    wanted = !camera.isOn;
    if (wanted) camera.start();
    else camera.stop();
});
const torch = page.querySelector('[data-do="torch"]');
torch.addEventListener("click", async () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    await camera.torch(on).then(() => torch.setAttribute("aria-pressed", String(on)), () => { torch.hidden = true; });
});

const gateField = page.getElementById("d-gate");
gateField.value = gate.value;
gateField.addEventListener("input", () => {
    gate.value = gateField.value.trim();
    view.gate(gate.value);
});
const soundSwitch = page.querySelector('[data-do="sound"]');
soundSwitch.checked = sound.value === "on";
soundSwitch.addEventListener("change", () => { sound.value = soundSwitch.checked ? "on" : "off"; });

const tellWorker = (message) =>
    new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = (event) => resolve(event.data);
        navigator.serviceWorker.ready.then((ready) => ready.active.postMessage(message, [channel.port2]));
    });

const startWorker = async () => {
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register(script.dataset.worker, { scope: "/puerta/", updateViaCache: "none" });
    const named = [...page.querySelectorAll("link[href], script[src]")].map((part) => part.href || part.src);
    const files = [...new Set([...named, new URL(script.dataset.decoder, location.href).href])];
    page.documentElement.dataset.kept = (await tellWorker({ kind: "keep", path: location.pathname, files })) ? "yes" : "no";
};

const leaveForm = page.querySelector('form[data-do="leave"]');
leaveForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    await desk.catchUp();
    const { waiting, online } = desk.state;
    const dialog = page.querySelector('[data-ask="leave"]');
    if (waiting || !online) {
        const why = [waiting && say(waiting === 1 ? "leave_waiting_one" : "leave_waiting_many", { n: waiting }), say(online ? "leave_lost" : "leave_offline")];
        page.querySelector('[data-show="leave-why"]').textContent = why.filter(Boolean).join(" ");
        dialog.querySelector('[value="yes"]').hidden = !online;  // without network nobody can be signed out
        if (!(await views.ask(dialog))) return;
    }
    camera.stop();
    await desk.forget();
    gate.forget();
    if (navigator.serviceWorker?.controller) await tellWorker({ kind: "forget" });
    leaveForm.submit();
});

document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") camera.stop();
    else if (wanted) camera.start();
});

view.gate(gate.value);
page.getElementById("door").hidden = false;
parts.signals.keepAwake();
navigator.storage?.persist?.().catch(() => {});
camera.start();
startWorker().catch(() => { page.documentElement.dataset.kept = "no"; });
await desk.open();
page.documentElement.dataset.ready = "yes";

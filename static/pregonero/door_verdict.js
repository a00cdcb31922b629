// The verdict that fills the screen until the next scan or a tap.
const SIGNS = new Set(["good", "already_inside", "too_many", "too_early", "voided", "replaced", "blocked", "other_event", "unknown", "no_list", "stopped"]);

export const outcomeOf = (verdict) => (verdict.result === "good" ? "good" : SIGNS.has(verdict.reason) ? verdict.reason : "unknown");

// `onMore(people)`: let in so many more of the same ticket. `onClosed(byKey)`: somebody has read it.
export const makeVerdict = ({ page, say, onMore, onClosed }) => {
    const box = page.querySelector(".d-verdict");
    const rest = [...page.querySelectorAll(".d-head, .d-main")];
    const show = (name) => page.querySelector(`[data-show="${name}"]`);
    const button = (name) => box.querySelector(`[data-do="${name}"]`);
    const extra = box.querySelector(".d-more-people");
    let most = 0;
    let chosen = 0;

    const choose = (people) => {
        chosen = Math.min(Math.max(people, 1), most);
        show("more").textContent = String(chosen);
        button("fewer").disabled = chosen <= 1;
        button("more").disabled = chosen >= most;
        button("let-in").disabled = false;
        button("let-in").textContent = say(chosen === 1 ? "let_in_one" : "let_in_many", { n: chosen });
    };

    const close = (byKey = false) => {
        if (box.hidden) return;
        box.hidden = true;
        rest.forEach((part) => { part.inert = false; });
        onClosed(byKey);
    };

    const counted = (key, n) => say(`${key}_${n === 1 ? "one" : "many"}`, { n });

    // As the server would say it (tickets/door_answers.py).
    const sentenceOf = (verdict, outcome) => {
        const left = verdict.people - verdict.inside;
        if (verdict.sentence) return verdict.sentence;
        if (outcome === "good") return [counted("sentence_good", verdict.admitted), left > 0 && counted("sentence_left", left)].filter(Boolean).join(" ");
        if (outcome === "too_many") return counted("sentence_too_many", left);
        if (outcome === "already_inside" && verdict.since) return say(`sentence_already_inside_${verdict.gate ? "gate" : "since"}`, verdict);
        return say(`sentence_${outcome}`, verdict);
    };

    const open = (verdict) => {
        const outcome = outcomeOf(verdict);
        const isGood = outcome === "good";
        box.dataset.outcome = outcome;
        box.dataset.alone = verdict.alone ? "yes" : "no";
        box.querySelector(".d-sign use").setAttribute("href", `#d-${outcome}`);
        show("title").textContent = verdict.title || say(`title_${outcome}`);
        show("who").textContent = [verdict.name, verdict.type].filter(Boolean).join(" · ");
        show("sentence").textContent = sentenceOf(verdict, outcome);
        show("people").textContent = verdict.people > 1 ? say("of_people", { n: verdict.inside, all: verdict.people }) : "";
        show("alone").hidden = !verdict.alone;
        most = isGood || outcome === "too_many" ? Math.max(verdict.people - verdict.inside, 0) : 0;
        extra.hidden = most < 1;
        if (most) {
            choose(most);
        }
        box.hidden = false;
        rest.forEach((part) => { part.inert = true; });
        const parts = ["title", "who", "sentence", "people"].map((name) => show(name).textContent);
        show("said").textContent = [...parts, verdict.alone ? show("alone").textContent : ""].filter(Boolean).join(". ");
        button("next").focus({ preventScroll: true });
        box.scrollTop = 0;
    };

    button("fewer").addEventListener("click", () => choose(chosen - 1));
    button("more").addEventListener("click", () => choose(chosen + 1));
    button("let-in").addEventListener("click", () => {
        button("let-in").disabled = true;  // until the answer is there: a second tap is no second group of people
        onMore(chosen);
    });
    box.addEventListener("click", (event) => { if (!extra.contains(event.target)) close(event.detail === 0); });
    addEventListener("keydown", (event) => {
        if (event.key === "Escape") close(true);
        // A reader that types like a keyboard, or somebody who types on: the letters belong into the field.
        else if (!box.hidden && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) close(true);
    });

    return { open, close, get isOpen() { return !box.hidden; } };
};

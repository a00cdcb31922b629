// One scan after the other: asked of the server, or judged here when it does not answer; and the way back to the network.
const LIST_EVERY = 60000;  // ms
const PROBE_EVERY = 5000;

export const makeDesk = ({ store, server, list, queue, judge, codes, slug, Offline, trouble, hour, onChange, onSettled }) => {
    const state = { online: navigator.onLine, waiting: 0, conflicts: [], counts: null, stopped: "", keeps: store.keeps };
    let turn = Promise.resolve();
    let listDue = 0;

    const change = (news) => {
        Object.assign(state, news);
        onChange(state);
    };
    const recount = async () => change({ waiting: await queue.count() });

    // Whatever failed: without network the phone goes on by itself; a clear no is shown and stays until it is gone.
    const failed = (error) => {
        if (error instanceof Offline) change({ online: false });
        else change({ online: true, stopped: error.sentence ?? trouble });
    };

    const noted = async (text, answer) => {
        if (!answer.people) return;
        const entry = await list.find(text);
        if (!entry) return;
        const since = answer.since || (answer.result === "good" ? hour(server.now()) : "");
        await list.note(entry.ticket, { inside: answer.inside, since, gate: answer.gate ?? "" });
    };

    const alone = async (scan) => {
        const entry = await list.find(scan.scanned);
        const ticket = entry && { ...entry, inside: entry.inside + (await queue.insideOf(entry.ticket)) };
        const now = server.now();
        // Without a list too the server is told: it may have let in whom this phone sends away.
        const verdict = list.isThere
            ? judge({ ticket, people: scan.people ?? 1, opensAt: list.opensAt, now })
            : { result: "refused", reason: "no_list", admitted: 0, inside: 0, people: 0 };
        const named = entry ? { key: entry.key, ticket: entry.ticket } : { scanned: scan.scanned };
        const before = verdict.reason === "already_inside" ? await since(entry) : {};
        await queue.keep({ nonce: scan.nonce, ...named, people: scan.people ?? 1, gate: scan.gate, at: new Date(now).toISOString(), let_in: verdict.admitted });
        if (state.counts) change({ counts: { ...state.counts, inside: state.counts.inside + verdict.admitted } });
        await recount();
        return { nonce: scan.nonce, ...verdict, ...before, opens: hour(list.opensAt), alone: true };
    };

    const since = async (entry) => {
        const first = await queue.firstOf(entry.ticket);
        if (first) return { since: hour(Date.parse(first.at)), gate: first.gate };
        const { since: at = "", gate = "" } = list.noteOf(entry.ticket) ?? {};
        return { since: at, gate };
    };

    const asked = async (scan) => {
        // What waits goes first, so that the server hears of the scans in their order.
        if (!state.online || (!state.stopped && (await queue.count()))) return alone(scan);
        try {
            const answer = await server.scan(scan);
            await noted(scan.scanned, answer);
            change({ online: true, stopped: "", counts: answer.counts ?? state.counts });
            return answer;
        } catch (error) {
            if (error.kind !== "invalid") failed(error);
            if (error instanceof Offline) return alone(scan);
            const reason = error.kind === "invalid" ? "unknown" : "stopped";
            return { nonce: scan.nonce, result: "refused", reason, sentence: error.sentence ?? trouble, inside: 0, people: 0 };
        }
    };

    const settle = async (scan, result) => {
        if (scan.ticket && result.people) {
            await list.note(scan.ticket, { inside: result.inside, since: result.since ?? "", gate: result.gate ?? "" });
        }
        if (result.conflict || result.error) {
            const { nonce, at, gate, let_in } = scan;
            const reason = result.error ? "error" : result.reason;
            await store.put("conflicts", { nonce, slug, at, gate, let_in, reason });
            // Who it was is on the screen only, and gone with the tab.
            const who = [result.name, result.code].filter(Boolean).join(" · ");
            change({ conflicts: [...state.conflicts.filter((known) => known.nonce !== nonce), { nonce, at, gate, let_in, reason, who, sentence: result.sentence ?? "" }] });
        }
        onSettled(result);
    };

    const refresh = async () => {
        const left = Date.now();
        const answer = await server.list(list.tag);
        if (answer) await list.replace(answer, left);
        else list.unchanged(left);
        listDue = left + LIST_EVERY;
        // What other gates did meanwhile counts too.
        return answer && !(await queue.count()) ? list.counts : null;
    };

    const caughtUp = async () => {
        if (!state.online && !navigator.onLine) return;
        if (state.online && !state.waiting && !state.stopped && Date.now() < listDue) return;
        try {
            const sent = state.waiting ? await queue.send() : null;
            const counts = (await refresh()) ?? sent ?? state.counts;
            change({ online: true, stopped: "", counts });
        } catch (error) {
            failed(error);
        }
        await recount();
    };
    let catching = null;
    const catchUp = () => (catching ??= caughtUp().finally(() => { catching = null; }));

    return {
        state,
        settle,
        open: async () => {
            await list.open();
            const conflicts = (await store.all("conflicts")).filter((conflict) => conflict.slug === slug);
            const waiting = await queue.waiting();
            const before = list.isThere ? list.counts : null;
            if (before) before.inside += waiting.reduce((sum, scan) => sum + scan.let_in, 0);
            change({ conflicts, waiting: waiting.length, counts: before });
            addEventListener("offline", () => change({ online: false }));
            addEventListener("online", () => catchUp());
            setInterval(() => catchUp(), PROBE_EVERY);
            await catchUp();
        },
        // Scans take turns: two phones may race, one phone does not race with itself.
        scan: (text, people, gate) => {
            const scan = { nonce: codes.newNonce(), scanned: codes.shortened(text), people, gate };
            turn = turn.then(() => asked(scan));
            const mine = turn;
            turn = turn.catch(() => {});
            return mine.finally(() => { if (state.online && state.waiting) catchUp(); });
        },
        undo: async ({ checkin, code }, reason) => {
            const answer = await server.undo({ checkin, reason, nonce: codes.newNonce() });
            await noted(code, answer);
            change({ counts: answer.counts ?? state.counts });
            return answer;
        },
        seen: async (nonce) => {
            await store.remove("conflicts", [nonce]);
            change({ conflicts: state.conflicts.filter((conflict) => conflict.nonce !== nonce) });
        },
        forget: async () => {
            await store.remove("conflicts", state.conflicts.map((conflict) => conflict.nonce));
            await queue.forget();
            await list.forget();
        },
        catchUp,
    };
};

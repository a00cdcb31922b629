"use strict";
// Opens the door page without network. It keeps the page and the files that the page names, nothing else: no answer about
// a ticket ever gets in here. What it keeps of a page lies in a cache of that page, so that each stays whole.
const PREFIX = "pregonero-door:";
const PAGE = /^\/puerta\/[-\w]+\/$/;
const LASTING = /\.[0-9a-f]{12}\.\w+$/;  // the name changes with the content
const PATIENCE = 4000;  // ms
const ANY = { ignoreVary: true };

const cacheOf = (path) => PREFIX + path;
const ours = async () => (await caches.keys()).filter((name) => name.startsWith(PREFIX));

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// The page names its files each time that it opened. All of them are here before the page is: a page without its
// script would be worse than none.
const keep = async (path, files) => {
    const cache = await caches.open(cacheOf(path));
    const there = new Set((await cache.keys()).map((request) => request.url));
    await cache.addAll(files.filter((file) => !(LASTING.test(file) && there.has(file))).map((file) => new Request(file, { cache: "no-cache" })));
    const page = await fetch(path, { credentials: "same-origin", cache: "no-store" });
    if (!page.ok || page.redirected) return;
    await cache.put(path, page);
    const wanted = new Set([...files, new URL(path, location.href).href]);
    const old = (await cache.keys()).filter((request) => !wanted.has(request.url));
    await Promise.all(old.map((request) => cache.delete(request)));
};

addEventListener("message", (event) => {
    const { kind, path, files } = event.data ?? {};
    const done = (value) => event.ports[0]?.postMessage(value);
    if (kind === "keep" && PAGE.test(path)) {
        event.waitUntil(keep(path, files).then(() => done(true), () => done(false)));
    } else if (kind === "forget") {
        event.waitUntil(ours().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => done(true)));
    }
});

const fromCache = async (request) => {
    for (const name of await ours()) {
        const found = await (await caches.open(name)).match(request, ANY);
        if (found) return found;
    }
    return undefined;
};

const file = async (request) => {
    if (LASTING.test(request.url)) return (await fromCache(request)) ?? fetch(request);
    return fetch(request).catch(async (error) => {
        const found = await fromCache(request);
        if (found) return found;
        throw error;
    });
};

const inTime = (request) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    return fetch(request, { signal: limit.signal }).finally(() => clearTimeout(timer));
};

// The network first: whoever may no longer stand at the door must be told so. A server in trouble is like none.
const opened = async (request) => {
    const kept = await (await caches.open(cacheOf(new URL(request.url).pathname))).match(request, { ...ANY, ignoreSearch: true });
    if (!kept) return fetch(request);
    try {
        const answer = await inTime(request);
        return answer.status >= 500 ? kept : answer;
    } catch {
        return kept;
    }
};

addEventListener("fetch", (event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (request.method !== "GET" || address.origin !== location.origin) return;
    if (request.mode === "navigate") {
        if (PAGE.test(address.pathname)) event.respondWith(opened(request));
    } else if (!address.pathname.startsWith("/puerta/")) {
        event.respondWith(file(request));
    }
});

// The rear camera, its torch, and a QR code in its picture: read by the browser where it can, else by the vendored decoder.
const LOOK_EVERY = 120;  // ms
const LARGEST = 640;  // pixels of the square that the fallback looks at
const MOST_FAILURES = 3;

// A function (video) → text of the QR or null.
export const makeReader = async (decoderAddress) => {
    const formats = await (globalThis.BarcodeDetector?.getSupportedFormats?.().catch(() => []) ?? []);
    if (!formats.includes("qr_code")) return ownReader(decoderAddress);
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    let own = null;
    let failures = 0;
    return async (video) => {
        if (own) return own(video);
        try {
            const [found] = await detector.detect(video);
            failures = 0;
            return found?.rawValue || null;
        } catch {
            // Some phones promise what a missing part of the system then cannot do.
            if (++failures >= MOST_FAILURES) own = await ownReader(decoderAddress);
            return null;
        }
    };
};

const ownReader = async (decoderAddress) => {
    const { decodeQR } = await import(decoderAddress);
    const canvas = document.createElement("canvas");
    const pencil = canvas.getContext("2d", { willReadFrequently: true });
    return async (video) => {
        const side = Math.min(video.videoWidth, video.videoHeight);
        if (!side) return null;
        const size = Math.min(side, LARGEST);
        canvas.width = canvas.height = size;
        pencil.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, size, size);
        try {
            return decodeQR(pencil.getImageData(0, 0, size, size)) || null;
        } catch {
            return null;  // its way to say that there is none
        }
    };
};

const WANTED = { audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } } };
const TROUBLE = { NotAllowedError: "camera_refused", SecurityError: "camera_refused", NotFoundError: "camera_missing", OverconstrainedError: "camera_missing", NotReadableError: "camera_busy", AbortError: "camera_busy" };

// `onText(text)` for every QR in every picture; `onState(word, {torch})`: "on", "off", or which sentence says why not.
export const makeCamera = ({ video, decoderAddress, onText, onState }) => {
    let stream = null;
    let starting = null;
    let timer = 0;
    let read = null;

    const look = async () => {
        const mine = stream;
        try {
            if (read && video.readyState >= 2) {
                const text = await read(video);
                if (text && stream === mine && mine) onText(text);
            }
        } catch {
            // A picture that could not be looked at; the next one comes.
        }
        if (stream === mine && mine) timer = setTimeout(look, LOOK_EVERY);
    };

    const track = () => stream?.getVideoTracks()[0];

    const stop = (word = "off") => {
        clearTimeout(timer);
        stream?.getTracks().forEach((each) => each.stop());
        stream = null;
        video.srcObject = null;
        onState(word, {});
    };

    const begin = async () => {
        if (stream) return;
        if (!navigator.mediaDevices?.getUserMedia) {
            onState(isSecureContext ? "camera_missing" : "camera_insecure", {});
            return;
        }
        try {
            onState("starting", {});
            read ??= await makeReader(decoderAddress);
            stream = await navigator.mediaDevices.getUserMedia(WANTED);
            video.srcObject = stream;
            await video.play();
            track().addEventListener("ended", () => stop("camera_busy"));
            onState("on", { torch: Boolean(track().getCapabilities?.().torch) });
            look();
        } catch (error) {
            stop(TROUBLE[error.name] ?? "camera_busy");
        }
    };

    return {
        get isOn() { return stream !== null; },
        start: () => (starting ??= begin().finally(() => { starting = null; })),
        stop,
        torch: async (on) => track()?.applyConstraints({ advanced: [{ torch: on }] }),
    };
};

// A QR that is held in front of the camera is one scan, also beside another one: it counts anew when it was away for
// `pause` ms.
export const makeOnceOnly = (pause, now = () => performance.now()) => {
    const seen = new Map();
    return (text) => {
        for (const [known, at] of seen) if (now() - at > pause) seen.delete(known);
        const isNew = !seen.has(text);
        seen.set(text, now());
        return isNew;
    };
};

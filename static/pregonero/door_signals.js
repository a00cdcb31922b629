// What is heard and felt of a verdict, and a screen that stays on. Each outcome sounds unlike all others: [Hz, ms] each.
const TONES = {
    good: [[660, 90], [990, 180]],
    already_inside: [[330, 140], [0, 60], [330, 140]],
    too_many: [[330, 120], [440, 120], [330, 200]],
    too_early: [[523, 120], [0, 120], [523, 120], [0, 120], [523, 120]],
    replaced: [[523, 140], [392, 240]],
    blocked: [[220, 500]],
    voided: [[294, 160], [220, 360]],
    other_event: [[440, 140], [330, 140], [247, 260]],
    unknown: [[196, 140], [0, 60], [196, 140], [0, 60], [196, 240]],
    no_list: [[247, 120], [0, 80], [247, 360]],
};
const BUZZ = { good: [90], already_inside: [80, 80, 80], too_early: [60, 60, 60, 60, 60], other: [250, 100, 250] };
const WAVE = { good: "sine", other: "triangle" };

export const makeSignals = () => {
    let audio = null;
    // Browsers let a page sound only after a finger or a key has touched it.
    const wake = () => {
        const Audio = globalThis.AudioContext ?? globalThis.webkitAudioContext;
        audio ??= Audio ? new Audio() : null;
        if (audio?.state === "suspended") audio.resume().catch(() => {});
    };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { passive: true });

    const play = (tones, wave) => {
        let at = audio.currentTime + 0.02;
        for (const [pitch, length] of tones) {
            const end = at + length / 1000;
            if (pitch) {
                const voice = audio.createOscillator();
                const volume = audio.createGain();
                voice.type = wave;
                voice.frequency.value = pitch;
                volume.gain.setValueAtTime(0.0001, at);
                volume.gain.exponentialRampToValueAtTime(0.5, at + 0.012);
                volume.gain.setValueAtTime(0.5, Math.max(at + 0.012, end - 0.03));
                volume.gain.exponentialRampToValueAtTime(0.0001, end);
                voice.connect(volume).connect(audio.destination);
                voice.start(at);
                voice.stop(end);
            }
            at = end;
        }
    };

    return {
        give: (outcome, withSound) => {
            if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(BUZZ[outcome] ?? BUZZ.other);
            if (withSound && audio?.state === "running") play(TONES[outcome] ?? TONES.unknown, WAVE[outcome] ?? WAVE.other);
        },
    };
};

// The browser lets go of the lock whenever the page is out of sight, so it is asked for again and again.
export const keepAwake = () => {
    const ask = () => {
        if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
    };
    document.addEventListener("visibilitychange", ask);
    ask();
};

"use strict";
// Draws what {% chart %} put into the page. The numbers stand beside it as text: without this file nothing is lost.
if (!window.pregoneroCharts) {
    const drawn = new Map();  // canvas → Chart
    window.pregoneroCharts = drawn;
    const phone = matchMedia("(max-width: 47.99rem)");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const LONGEST_ON_PHONES = 12;
    let library = null;

    // The library is asked for once, by the first page part that shows a chart, also one that came later.
    const withLibrary = (address) => {
        library ??= new Promise((resolve, reject) => {
            const script = document.createElement("script");
            script.src = address;
            script.onload = resolve;
            script.onerror = reject;
            document.head.append(script);
        });
        return library;
    };

    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--p-${name}`).trim();
    // Tokens are written as #rgb or #rrggbb.
    const faint = (colour, share) => {
        const hex = colour.length === 4 ? colour.replace(/[^#]/g, "$&$&") : colour;
        return hex + Math.round(share * 255).toString(16).padStart(2, "0");
    };
    const short = (text) => (phone.matches && text.length > LONGEST_ON_PHONES ? `${text.slice(0, LONGEST_ON_PHONES - 1)}…` : text);

    const dataset = (series, kind, data) => {
        const colour = token(series.tone || "info");
        const line = {
            borderColor: colour, borderWidth: 2, pointRadius: data.labels.length > 30 ? 0 : 2.5, pointHitRadius: 12,
            pointBackgroundColor: colour, borderDash: series.dashed ? [6, 4] : [], stepped: Boolean(series.step),
            fill: data.stacked ? "stack" : false, backgroundColor: faint(colour, data.stacked ? 0.35 : 0.12), tension: 0,
        };
        const bar = {
            backgroundColor: faint(colour, series.dashed ? 0.4 : 0.85), borderColor: colour, borderWidth: series.dashed ? 1 : 0,
            borderRadius: 2, maxBarThickness: 48, categoryPercentage: 0.9, barPercentage: 0.95,
        };
        return { label: series.label, data: series.values, ...(kind === "line" ? line : bar) };
    };

    // A line for each mark, with the number that it has in the list below; two at one place stand one under the other.
    const marksOf = (marks) => ({
        id: "marks",
        afterDatasetsDraw(chart) {
            const { ctx, chartArea: area, scales: { x } } = chart;
            const there = new Map();
            ctx.save();
            ctx.font = `600 11px ${token("font")}`;
            ctx.textAlign = "center";
            ctx.textBaseline = "middle";
            marks.forEach((mark, index) => {
                const at = x.getPixelForValue(mark.at);
                const before = there.get(mark.at) || 0;
                there.set(mark.at, before + 1);
                if (!before) {
                    ctx.strokeStyle = token("quiet");
                    ctx.lineWidth = 1;
                    ctx.setLineDash([4, 3]);
                    ctx.beginPath();
                    ctx.moveTo(at, area.top);
                    ctx.lineTo(at, area.bottom);
                    ctx.stroke();
                }
                const height = area.top - 10 + before * 20;
                ctx.setLineDash([]);
                ctx.fillStyle = token("text");
                ctx.beginPath();
                ctx.arc(at, height, 9, 0, 2 * Math.PI);
                ctx.fill();
                ctx.fillStyle = token("surface");
                ctx.fillText(String(index + 1), at, height + 0.5);
            });
            ctx.restore();
        },
    });

    const axis = (stacked) => ({
        stacked, border: { color: token("line") }, grid: { color: token("line") },
        ticks: { color: token("quiet"), font: { size: phone.matches ? 11 : 12 } },
    });

    const options = (data, isQuiet) => {
        const stacked = Boolean(data.stacked);
        const x = axis(stacked), y = axis(stacked);
        const whole = data.series.every((series) => series.values.every((value) => value === null || Number.isInteger(value)));
        x.grid = { display: false };
        Object.assign(x.ticks, {
            autoSkip: true, autoSkipPadding: 14, maxRotation: 0, maxTicksLimit: phone.matches ? 5 : 12,
            callback: (value) => short(data.labels[value] || ""),
        });
        y.beginAtZero = true;
        y.ticks.maxTicksLimit = 6;
        if (whole) {
            y.ticks.precision = 0;
        }
        if (data.unit && !phone.matches) {
            y.title = { display: true, text: data.unit, color: token("quiet") };
        }
        return {
            responsive: true, maintainAspectRatio: false, locale: document.documentElement.lang || "es",
            animation: still.matches || isQuiet ? false : { duration: 250 },
            layout: { padding: { top: data.marks && data.marks.length ? 22 : 4 } },
            interaction: { mode: "index", intersect: false }, scales: { x, y },
            plugins: {
                legend: {
                    display: data.series.length > 1, position: "bottom", onClick: null,
                    labels: { color: token("text"), usePointStyle: true, pointStyle: data.type === "line" ? "line" : "rectRounded", boxHeight: 8 },
                },
                tooltip: {
                    backgroundColor: token("text"), titleColor: token("surface"), bodyColor: token("surface"), padding: 10, boxPadding: 4,
                    filter: (item) => item.raw !== null,
                },
            },
        };
    };

    const draw = (canvas, isQuiet) => {
        const data = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
        drawn.get(canvas)?.destroy();
        drawn.set(canvas, new window.Chart(canvas, {
            type: data.type,
            data: { labels: data.labels, datasets: data.series.map((series) => dataset(series, data.type, data)) },
            options: options(data, isQuiet),
            plugins: data.marks && data.marks.length ? [marksOf(data.marks)] : [],
        }));
    };

    const drawNew = (isQuiet) => {
        for (const [canvas, chart] of drawn) {
            if (!canvas.isConnected) {
                chart.destroy();
                drawn.delete(canvas);
            }
        }
        for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
            withLibrary(canvas.dataset.library).then(() => {
                if (canvas.isConnected && !drawn.has(canvas)) {
                    draw(canvas, isQuiet);
                }
            }, () => canvas.parentElement.remove());  // the numbers are there as text
        }
    };
    const drawAgain = () => drawn.forEach((_chart, canvas) => draw(canvas, true));

    new MutationObserver(drawAgain).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    dark.addEventListener("change", drawAgain);
    phone.addEventListener("change", drawAgain);
    // Whoever reads the numbers goes on reading when a newer chart takes the place of this one.
    const reading = new Set();
    document.addEventListener("htmx:beforeSwap", () => {
        reading.clear();
        document.querySelectorAll("details.p-chart-numbers[open]").forEach((details) => reading.add(details.id));
    });
    document.addEventListener("htmx:afterSettle", () => {
        reading.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
        drawNew(true);
    });
    drawNew(false);
}

"use strict";

// Shows what `slate status --json` says, whatever it is: an object becomes a card, a
// list of objects a table. The name of a number says what it counts.

const words = { fstype: "file system", for_s: "for", main_pid: "process", files_most: "files at most" };
const hidden = new Set(["description"]); // shown on hovering over the name
const nothing = new Set([null, undefined, "", 0, "success", false]);

function title(key) {
	return words[key] || key.replace(/_(us|ms|s|bytes|mib)$/, "").replaceAll("_", " ");
}

function bytes(n) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let i = 0;
	while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
	return `${i && n < 100 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

function duration(seconds) {
	if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
	if (seconds < 60) return `${seconds.toFixed(1)} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
	if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60 % 60)} min`;
	return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600 % 24)} h`;
}

function shown(key, value) {
	if (value === null || value === undefined || value === "") return "–";
	if (typeof value === "boolean") return value ? "yes" : "no";
	if (Array.isArray(value)) return value.map(v => typeof v === "object" ? Object.values(v).join(" ") : v).join(", ") || "–";
	if (typeof value === "object") return Object.entries(value).map(([k, v]) => `${title(k)} ${shown(k, v)}`).join(", ");
	if (typeof value !== "number") return String(value);
	if (/_us$/.test(key)) return duration(value / 1e6);
	if (/_ms$/.test(key)) return duration(value / 1e3);
	if (value === 0 && /time$|memory$|pid$|restarts$|generation$/.test(key)) return "–";
	if (/pid$/.test(key)) return String(value);
	if (/time$/.test(key)) return new Date(value * 1000).toLocaleString();
	if (/(uptime|_s)$/.test(key)) return duration(value);
	if (/(bytes|size|limit|memory|used)$/.test(key)) return bytes(value);
	return value.toLocaleString();
}

function mood(value) {
	if (/fail|bad/.test(value)) return "failed";
	if (/activating|starting|stopping|waiting|reloading|restart/.test(value)) return "busy";
	if (/^(active|up|running|exited|done|loaded|mounted)/.test(value)) return "good";
	return "";
}

function element(name, text, className) {
	const e = document.createElement(name);
	if (text !== undefined) e.textContent = text;
	if (className) e.className = className;
	return e;
}

function card(key, body, className) {
	const section = element("section", undefined, className);
	section.append(element("h2", title(key)), body);
	return section;
}

function bar(part, whole) {
	const outer = element("div", undefined, "bar"), inner = element("i");
	inner.style.width = `${Math.min(100, 100 * part / whole)}%`;
	outer.append(inner);
	return outer;
}

function facts(object) {
	const list = element("dl");
	for (const [key, value] of Object.entries(object)) {
		const dd = element("dd", shown(key, value));
		const limit = object[key.replace(/(used|bytes)$/, "limit")];
		if (/(used|bytes)$/.test(key) && typeof limit === "number" && limit > 0) dd.append(bar(value, limit));
		list.append(element("dt", title(key)), dd);
	}
	return list;
}

function cell(key, value, row) {
	const td = element("td");
	if (typeof value === "number") td.className = "number";
	if (/^(state|active|sub_state|sub|result)$/.test(key)) td.append(element("span", undefined, `dot ${mood(String(value))}`));
	td.append(shown(key, value));
	if (/^(name|unit)$/.test(key) && row.description) td.title = row.description;
	return td;
}

function table(rows) {
	const t = element("table"), head = element("tr"), body = element("tbody");
	const keys = [...new Set(rows.flatMap(r => Object.keys(r)))]
		.filter(k => !hidden.has(k) && !rows.every(r => nothing.has(r[k])));
	for (const key of keys) head.append(element("th", title(key), typeof rows[0][key] === "number" ? "number" : ""));
	for (const row of rows) {
		const tr = element("tr");
		for (const key of keys) tr.append(cell(key, row[key], row));
		body.append(tr);
	}
	const thead = element("thead");
	thead.append(head);
	t.append(thead, body);
	return t;
}

function sentence(list) {
	return element("div", list.join(", "));
}

function bullets(list) {
	const ul = element("ul");
	for (const line of list) ul.append(element("li", String(line)));
	return ul;
}

function show(status) {
	const cards = [];
	for (const [key, value] of Object.entries(status)) {
		if (Array.isArray(value) && value.length && typeof value[0] === "object") cards.push(card(key, table(value), "wide"));
		else if (Array.isArray(value)) { if (value.length) cards.push(key === "degraded" ? card(key, bullets(value), "wide bad") : card(key, sentence(value), "wide")); }
		else if (value && typeof value === "object") cards.push(card(key, facts(value)));
	}
	// tables, which are wide, come last; what is degraded comes first
	const rank = c => c.classList.contains("bad") ? 0 : c.classList.contains("wide") ? 2 : 1;
	cards.sort((a, b) => rank(a) - rank(b));
	document.getElementById("cards").replaceChildren(...cards);
	if (status.machine) document.getElementById("name").textContent = document.title = status.machine.hostname;
}

async function turn() {
	const live = document.getElementById("live");
	try {
		const answer = await fetch("cgi-bin/status.json", { cache: "no-store", signal: AbortSignal.timeout(5000) });
		if (!answer.ok) throw new Error(`status ${answer.status}`);
		show(await answer.json());
		live.textContent = `live, ${new Date().toLocaleTimeString()}`;
		live.className = "";
	} catch (e) {
		live.textContent = `no answer (${e.message}); trying again`;
		live.className = "lost";
	}
	setTimeout(turn, 2000);
}

turn();

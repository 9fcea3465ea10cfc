"use strict";

// Shows what `slate status --json` says, in cards and a table, every two seconds.

function bytes(n) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let i = 0;
	while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
	return `${i && n < 100 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

function duration(seconds) {
	if (seconds < 60) return `${Math.round(seconds)} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
	if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60 % 60)} min`;
	return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600 % 24)} h`;
}

function generation(number, time) {
	return number ? `generation ${number}, ${new Date(time * 1000).toLocaleString()}` : "nothing";
}

function counted(n, one, many) {
	return n ? `${n} ${n === 1 ? one : many}` : `no ${many}`;
}

// Each card: its title, whether it is there, and its lines as [name, text] or
// [name, text, part of a whole].
const cards = [
	["Machine", s => s.machine, s => [
		["state", s.machine.failed_units ? `${s.machine.state}, ${counted(s.machine.failed_units, "unit has", "units have")} failed` : s.machine.state],
		["up for", duration(s.machine.uptime_s)],
		["kernel", s.machine.kernel],
		["slate", s.machine.slate],
	]],
	["Root image", s => s.image && s.image.images, s => [
		["image", s.image.images],
		["signature", s.image.verified ? "verified" : "not verified"],
		["changes", `${bytes(s.overlay.used)} of ${bytes(s.overlay.limit)} in memory`, s.overlay.used / s.overlay.limit],
		["files", `${s.overlay.files} of ${s.overlay.files_most}`, s.overlay.files / s.overlay.files_most],
	]],
	["Medium", s => s.medium && s.medium.device, s => [
		["device", s.medium.device + (s.medium.present ? "" : ", which is gone")],
		["label", s.medium.label],
		["file system", `${s.medium.fstype}, ${s.medium.writable ? "writable" : "read-only"}`],
	]],
	["Saved configuration", s => s.saved, s => [
		["restored", s.saved.restored ? generation(s.saved.restored_generation, s.saved.restored_time) : "nothing"],
		["newest", generation(s.saved.newest_generation, s.saved.newest_time)],
		["kept", `${counted(s.saved.generations, "generation", "generations")} in ${s.saved.slots} slots` + (s.saved.damaged ? `, ${s.saved.damaged} damaged` : "")],
		["not saved", counted(s.overlay.unsaved_changes, "change", "changes")],
	]],
];

const columns = [
	["service", s => s.name],
	["state", s => s.active === "failed" ? `failed (${s.result})` : s.sub],
	["for", s => duration(s.for_s)],
	["memory", s => s.memory ? bytes(s.memory) : ""],
	["restarts", s => s.restarts || ""],
	["what it is", s => s.says || s.description],
];

function mood(service) {
	if (service.active === "failed") return "failed";
	if (service.active === "active") return "good";
	return /ing$/.test(service.active) ? "busy" : "";
}

function element(name, text, className) {
	const e = document.createElement(name);
	if (text !== undefined) e.textContent = text;
	if (className) e.className = className;
	return e;
}

function bar(part) {
	const outer = element("div", undefined, "bar"), inner = element("i");
	inner.style.width = `${Math.min(100, 100 * part)}%`;
	outer.append(inner);
	return outer;
}

function section(title, body, className) {
	const s = element("section", undefined, className);
	s.append(element("h2", title), body);
	return s;
}

function facts(lines) {
	const list = element("dl");
	for (const [name, text, part] of lines) {
		const dd = element("dd", text);
		if (part !== undefined) dd.append(bar(part));
		list.append(element("dt", name), dd);
	}
	return list;
}

function table(services) {
	const t = element("table"), head = element("tr"), thead = element("thead"), body = element("tbody");
	for (const [name] of columns) head.append(element("th", name));
	for (const service of services) {
		const row = element("tr");
		for (const [name, text] of columns) {
			const cell = element("td", text(service));
			if (name === "state") cell.prepend(element("span", undefined, `dot ${mood(service)}`));
			row.append(cell);
		}
		body.append(row);
	}
	thead.append(head);
	t.append(thead, body);
	return t;
}

function bullets(list) {
	const ul = element("ul");
	for (const line of list) ul.append(element("li", line));
	return ul;
}

function show(status) {
	const all = cards.filter(([, is]) => is(status)).map(([title, , lines]) => section(title, facts(lines(status))));
	if (status.degraded.length) all.unshift(section("Degraded", bullets(status.degraded), "wide bad"));
	all.push(section("Services", table(status.services), "wide"));
	document.getElementById("cards").replaceChildren(...all);
	document.getElementById("name").textContent = document.title = status.machine.hostname;
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

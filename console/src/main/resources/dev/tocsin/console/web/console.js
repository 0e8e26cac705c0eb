// The status page: asks /api/status every two seconds and shows what it says.

const POLL_MS = 2000;
const WATERFALL_SPANS_MAX = 500;

const byId = (id) => document.getElementById(id);

/** An element with properties and children; texts become text nodes, so nothing is read as HTML. */
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function ago(instant, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (Number.isNaN(seconds)) {
    return "";
  }
  if (seconds < 90) {
    return `${seconds} s ago`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}

function duration(ms) {
  if (ms >= 10_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  if (ms >= 1000) {
    return `${(ms / 1000).toFixed(2)} s`;
  }
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(2)} ms`;
}

const tone = { Healthy: "good", Degraded: "warn", Unhealthy: "bad", Unreachable: "bad" };
const severityTone = { critical: "bad", error: "bad", page: "bad", warning: "warn" };

// ---- services ----

function showServices(services) {
  byId("services").replaceChildren(
    ...services.map((service) =>
      element(
        "li",
        { className: tone[service.status] ?? "" },
        element("strong", { textContent: service.name }),
        element("span", { className: tone[service.status] ?? "", textContent: service.status }),
        ...(service.issues ?? [])
          .slice(0, 3)
          .map((issue) => element("p", { className: "issue", textContent: issue })),
      ),
    ),
  );
}

function showVerdict(services, incidents) {
  const verdict = byId("verdict");
  const open = incidents.filter((incident) => incident.status !== "resolved");
  const sick = services.filter((service) => service.status !== "Healthy");
  let text = "All is well";
  let how = "good";
  if (sick.length > 0) {
    text = `${sick.map((service) => service.name).join(", ")} not healthy`;
    how = sick.some((service) => tone[service.status] === "bad") ? "bad" : "warn";
  }
  if (open.length > 0) {
    text = `${open.length} open incident${open.length > 1 ? "s" : ""}${sick.length > 0 ? `; ${text}` : ""}`;
    how = open.some((incident) => incident.status === "triggered") ? "bad" : "warn";
  }
  verdict.textContent = text;
  verdict.className = `verdict ${how}`;
  document.title = open.length > 0 ? `(${open.length}) Tocsin` : "Tocsin";
}

// ---- incidents ----

const rank = { triggered: 0, acknowledged: 1, resolved: 2 };
const statusTone = { triggered: "bad", acknowledged: "warn", resolved: "good" };

function act(incident, verb, button) {
  button.disabled = true;
  fetch(`/api/v1/incidents/${encodeURIComponent(incident.id)}/${verb}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ by: "console" }),
  })
    .then((response) =>
      response.ok ? refresh() : response.json().then((problem) => Promise.reject(problem.detail)),
    )
    .catch((why) => {
      button.disabled = false;
      button.title = String(why);
      button.textContent = `${verb} failed`;
    });
}

function button(incident, label, verb, primary) {
  const made = element("button", { type: "button", textContent: label });
  made.classList.toggle("primary", primary);
  made.addEventListener("click", () => act(incident, verb, made));
  return made;
}

function showIncidents(incidents) {
  const sorted = [...incidents].sort(
    (a, b) => (rank[a.status] ?? 3) - (rank[b.status] ?? 3) || b.id - a.id,
  );
  return sorted.slice(0, 12).map((incident) => {
    const actions = element("div", { className: "actions" });
    if (incident.status === "triggered") {
      actions.append(button(incident, "Acknowledge", "acknowledge", true));
    }
    if (incident.status !== "resolved") {
      actions.append(button(incident, "Resolve", "resolve", false));
    }
    const history = element("a", {
      href: `/api/v1/incidents/${encodeURIComponent(incident.id)}`,
      target: "_blank",
      textContent: "history",
    });
    return element(
      "div",
      { className: "item" },
      element("span", {
        className: `tag ${statusTone[incident.status] ?? ""}`,
        textContent: incident.status,
      }),
      element("span", { className: "what", textContent: `#${incident.id} ${incident.title}` }),
      element(
        "span",
        { className: "details" },
        `${incident.severity}, opened ${ago(incident.openedAt)}`,
        incident.resolvedAt ? `, resolved ${ago(incident.resolvedAt)}` : "",
        " · ",
        history,
      ),
      actions,
    );
  });
}

// ---- alerts ----

const stateRank = { firing: 0, pending: 1 };

function showAlerts(alerts) {
  const sorted = [...alerts].sort((a, b) => (stateRank[a.state] ?? 2) - (stateRank[b.state] ?? 2));
  return sorted.slice(0, 12).map((alert) => {
    const labels = Object.entries(alert.labels)
      .filter(([name]) => name !== "alertname" && name !== "severity")
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
    const severity = alert.labels.severity ?? "";
    return element(
      "div",
      { className: "item" },
      element("span", {
        className: `tag ${alert.state === "firing" ? (severityTone[severity] ?? "bad") : "warn"}`,
        textContent: alert.state,
      }),
      element("span", { className: "what", textContent: alert.annotations?.summary ?? alert.labels.alertname ?? "" }),
      element("span", {
        className: "details",
        textContent: [alert.labels.alertname, severity, `since ${ago(alert.activeAt).replace(" ago", "")}`, labels]
          .filter(Boolean)
          .join(" · "),
      }),
    );
  });
}

// ---- traces ----

const readTrace = (trace) => ({
  id: trace.traceId,
  service: trace.rootService,
  name: trace.rootOperation,
  startedAt: trace.start,
  durationMs: trace.durationNanos / 1e6,
  spans: trace.spanCount,
  failed: trace.errorCount > 0,
});

function showTraces(traces) {
  const longest = Math.max(1, ...traces.map((trace) => trace.durationMs));
  const rows = traces.map((trace) => {
    const open = element("button", {
      type: "button",
      className: "link",
      textContent: trace.name,
    });
    open.addEventListener("click", () => openTrace(trace));
    const bar = element("div", { className: trace.failed ? "bar bad" : "bar" });
    bar.style.width = `${(100 * trace.durationMs) / longest}%`;
    return element(
      "tr",
      {},
      element("td", { textContent: ago(trace.startedAt) }),
      element("td", { textContent: trace.service }),
      element("td", {}, open),
      element("td", { className: "number", textContent: trace.spans ?? "" }),
      element("td", {}, trace.failed ? element("span", { className: "tag bad", textContent: "error" }) : ""),
      element("td", { className: "number", textContent: duration(trace.durationMs) }),
      element("td", { className: "duration" }, bar),
    );
  });
  const head = ["When", "Service", "Operation", "Spans", "", "Took", ""].map((title) =>
    element("th", {
      scope: "col",
      className: title === "Took" || title === "Spans" ? "number" : "",
      textContent: title,
    }),
  );
  return [
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...rows),
    ),
  ];
}

/** The spans of an OTLP JSON trace, flat, with their service's name. */
function spansOf(otlp) {
  return (otlp.resourceSpans ?? []).flatMap((resource) => {
    const service = (resource.resource?.attributes ?? []).find((a) => a.key === "service.name");
    return (resource.scopeSpans ?? []).flatMap((scope) =>
      (scope.spans ?? []).map((span) => ({
        id: span.spanId,
        parent: span.parentSpanId || "",
        name: span.name,
        service: service?.value?.stringValue ?? "",
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
        failed: span.status?.code === 2 || span.status?.code === "STATUS_CODE_ERROR",
        events: (span.events ?? []).map((event) => ({
          name: event.name,
          text: (event.attributes ?? []).find((a) => a.key === "exception.message")?.value
            ?.stringValue,
        })),
      })),
    );
  });
}

/** Depth first, children by start; spans whose parent is missing count as roots. */
function inOrder(spans) {
  const known = new Set(spans.map((span) => span.id));
  const children = new Map();
  for (const span of [...spans].sort((a, b) => (a.startNs < b.startNs ? -1 : 1))) {
    const parent = known.has(span.parent) ? span.parent : "";
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const ordered = [];
  const walk = (id, depth) => {
    for (const span of children.get(id) ?? []) {
      ordered.push({ ...span, depth });
      walk(span.id, depth + 1);
    }
  };
  walk("", 0);
  return ordered;
}

function waterfall(spans) {
  const ordered = inOrder(spans).slice(0, WATERFALL_SPANS_MAX);
  if (ordered.length === 0) {
    return [element("p", { className: "empty", textContent: "no spans" })];
  }
  const least = ordered.reduce((min, s) => (s.startNs < min ? s.startNs : min), ordered[0].startNs);
  const most = ordered.reduce((max, s) => (s.endNs > max ? s.endNs : max), ordered[0].endNs);
  const whole = Math.max(1, Number(most - least));
  return ordered.map((span) => {
    const name = element(
      "span",
      { className: "name", title: `${span.service} ${span.name}` },
      span.name,
      " ",
      element("span", { className: "service", textContent: span.service }),
    );
    name.style.paddingLeft = `${Math.min(span.depth, 20) * 0.9}rem`;
    const bar = element("div", { className: span.failed ? "bar bad" : "bar" });
    bar.style.left = `${(100 * Number(span.startNs - least)) / whole}%`;
    bar.style.width = `${(100 * Number(span.endNs - span.startNs)) / whole}%`;
    const took = Number(span.endNs - span.startNs) / 1e6;
    return element(
      "div",
      { className: "span" },
      name,
      element("div", { className: "track" }, bar),
      element("span", { className: "took", textContent: duration(took) }),
      ...span.events
        .filter((event) => event.name === "exception")
        .map((event) =>
          element("span", { className: "event", textContent: `exception: ${event.text ?? ""}` }),
        ),
    );
  });
}

function openTrace(trace) {
  const url = `/api/v1/traces/${encodeURIComponent(trace.id)}`;
  byId("trace-title").textContent = `${trace.service} · ${trace.name}`;
  byId("trace-json").href = url;
  byId("waterfall").replaceChildren(element("p", { className: "empty", textContent: "loading …" }));
  byId("trace").showModal();
  fetch(url, { headers: { accept: "application/json" } })
    .then((response) =>
      response.ok ? response.json() : Promise.reject(new Error(`answered ${response.status}`)),
    )
    .then((otlp) => byId("waterfall").replaceChildren(...waterfall(spansOf(otlp))))
    .catch((why) =>
      byId("waterfall").replaceChildren(
        element("p", { className: "problem", textContent: `The trace cannot be shown: ${why.message}` }),
      ),
    );
}

byId("trace-close").addEventListener("click", () => byId("trace").close());

// ---- the whole page ----

/** Fills a panel: a problem, an empty state, or what there is. */
function fill(id, part, items, show, empty) {
  const box = byId(id);
  byId(`${id}-count`).textContent = items.length > 0 ? items.length : "";
  if (part.problem) {
    box.replaceChildren(element("p", { className: "problem", textContent: part.problem }));
  } else if (items.length === 0) {
    box.replaceChildren(empty);
  } else {
    box.replaceChildren(...show(items));
  }
}

/** What to do while there are no traces. */
function firstSteps(otlp) {
  const steps = byId("empty-traces").content.cloneNode(true);
  const endpoint = "export OTEL_EXPORTER_OTLP_ENDPOINT=";
  steps.querySelector(".grpc").textContent = endpoint + otlp.grpc;
  steps.querySelector(".http").textContent =
    `${endpoint}${otlp.http}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`;
  return steps;
}

const quiet = (text) => element("p", { className: "empty", textContent: text });

function show(status) {
  const incidents = status.incidents.data?.incidents ?? [];
  const alerts = status.alerts.data?.data?.alerts ?? [];
  const traces = (status.traces.data?.traces ?? []).map(readTrace);
  showServices(status.services);
  showVerdict(status.services, incidents);
  fill("incidents", status.incidents, incidents, showIncidents, quiet("None. Nobody is paged."));
  fill("alerts", status.alerts, alerts, showAlerts, quiet("Nothing fires."));
  fill("traces", status.traces, traces, showTraces, firstSteps(status.otlp));
  byId("asked").textContent = `as of ${new Date(status.at).toLocaleTimeString()}`;
}

function refresh() {
  return fetch("/api/status", { signal: AbortSignal.timeout(10_000) })
    .then((response) =>
      response.ok ? response.json() : Promise.reject(new Error(`answered ${response.status}`)),
    )
    .then(show)
    .catch((why) => {
      byId("verdict").textContent = `the console does not answer (${why.message})`;
      byId("verdict").className = "verdict bad";
    });
}

function poll() {
  const asked = document.hidden ? Promise.resolve() : refresh();
  asked.finally(() => setTimeout(poll, POLL_MS));
}

document.addEventListener("visibilitychange", () => document.hidden || refresh());
poll();

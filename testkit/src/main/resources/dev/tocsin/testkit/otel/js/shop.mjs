// Sends one trace, one counter and one log record as OTLP over HTTP/JSON to OTEL_EXPORTER_OTLP_ENDPOINT, as service
// OTEL_SERVICE_NAME, and prints what it sent as one line of JSON. Exits with 1 when the receiver did not take all of it.
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
const resource = resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME });
const failures = [];

/** Notes every export that the receiver refused: the SDK itself would only log it. */
function watched(exporter) {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      if (result.code !== 0) failures.push(String(result.error));
      done(result);
    });
  return exporter;
}

const sent = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({
  resource,
  spanProcessors: [
    new SimpleSpanProcessor(sent),
    new SimpleSpanProcessor(watched(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))),
  ],
});
const meterProvider = new MeterProvider({
  resource,
  readers: [
    new PeriodicExportingMetricReader({
      exporter: watched(new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` })),
    }),
  ],
});
const loggerProvider = new LoggerProvider({
  resource,
  processors: [new SimpleLogRecordProcessor({ exporter: watched(new OTLPLogExporter({ url: `${endpoint}/v1/logs` })) })],
});

const tracer = tracerProvider.getTracer('shop', '1.0');
const order = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER });
order.setAttributes({ 'order.id': 42, 'order.total': 99.5, 'order.gift': false, 'order.items': ['grün', '茶'] });
order.addEvent('cart.checked', { 'cart.size': 2 });
const payment = tracer.startSpan(
  'charge',
  { kind: SpanKind.CLIENT, links: [{ context: order.spanContext(), attributes: { why: 'retry' } }] },
  trace.setSpan(context.active(), order),
);
payment.recordException(new Error('card declined'));
payment.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' });
payment.end();
order.end();
meterProvider.getMeter('shop').createCounter('orders', { unit: '1' }).add(3, { method: 'card' });
loggerProvider
  .getLogger('shop')
  .emit({ severityNumber: SeverityNumber.WARN, severityText: 'WARN', body: 'card declined', attributes: { retry: 1 } });

await Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush(), loggerProvider.forceFlush()]);
const spans = sent.getFinishedSpans().map((span) => ({
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: span.parentSpanContext?.spanId ?? '',
  name: span.name,
  startNanos: `${BigInt(span.startTime[0]) * 1_000_000_000n + BigInt(span.startTime[1])}`,
  attributes: Object.keys(span.attributes),
  events: span.events.map((event) => ({ name: event.name, attributes: Object.keys(event.attributes ?? {}) })),
  links: span.links.map((link) => link.context.spanId),
  statusMessage: span.status.message ?? '',
}));
await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown(), loggerProvider.shutdown()]);
console.log(JSON.stringify({ spans, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

// Sends a trace, metrics and log records with the OpenTelemetry SDK for JavaScript to OTEL_EXPORTER_OTLP_ENDPOINT, over
// OTEL_EXPORTER_OTLP_PROTOCOL, as service OTEL_SERVICE_NAME. Prints every request as the SDK writes it in protobuf,
// whatever the protocol: the signal and the bytes in base64, a line each; spans also in JSON. Exits with 1 when the
// receiver did not take all of it.
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import {
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const protocol = process.env.OTEL_EXPORTER_OTLP_PROTOCOL;
const kind = { grpc: 'grpc', 'http/json': 'http', 'http/protobuf': 'proto' }[protocol];
if (!kind) throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL: ${protocol} (expected: grpc, http/json or http/protobuf)`);
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${kind}`);
const { OTLPMetricExporter } = await import(`@opentelemetry/exporter-metrics-otlp-${kind}`);
const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${kind}`);

const resource = resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME, 'process.pid': process.pid });
const failures = [];

/** Notes what is exported, and every export that the receiver refused: the SDK itself would only log it. */
function watched(signal, serializer, exporter) {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => {
    console.log(signal, Buffer.from(serializer.serializeRequest(items)).toString('base64'));
    if (signal === 'traces') console.log(Buffer.from(JsonTraceSerializer.serializeRequest(items)).toString());
    send(items, (result) => {
      if (result.code !== 0) failures.push(String(result.error));
      done(result);
    });
  };
  return exporter;
}

const tracerProvider = new BasicTracerProvider({
  resource,
  spanProcessors: [new SimpleSpanProcessor(watched('traces', ProtobufTraceSerializer, new OTLPTraceExporter()))],
});
const meterProvider = new MeterProvider({
  resource,
  readers: [
    new PeriodicExportingMetricReader({
      exporter: watched('metrics', ProtobufMetricsSerializer, new OTLPMetricExporter()),
    }),
  ],
  views: [{ instrumentName: 'charge.duration', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
});
const loggerProvider = new LoggerProvider({
  resource,
  processors: [
    new SimpleLogRecordProcessor({ exporter: watched('logs', ProtobufLogsSerializer, new OTLPLogExporter()) }),
  ],
});

const tracer = tracerProvider.getTracer('shop', '1.0');
const order = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER });
order.setAttributes({
  'order.id': 42,
  'order.total': 99.5,
  'order.gift': false,
  'order.items': ['grün', '茶'],
  'order.counts': [-1, 0, 1],
});
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

const meter = meterProvider.getMeter('shop');
meter.createCounter('orders', { unit: '1', description: 'orders placed' }).add(3, { method: 'card' });
meter.createUpDownCounter('carts.open').add(-2);
meter.createGauge('stock.level').record(0.25);
const latency = meter.createHistogram('order.duration', { unit: 's' });
const charge = meter.createHistogram('charge.duration', { unit: 's' });
for (let i = 0; i < 10; i++) {
  latency.record(i * 1.5, { method: 'card' });
  charge.record(i * 0.001);
}

loggerProvider.getLogger('shop').emit({
  eventName: 'payment.declined',
  severityNumber: SeverityNumber.WARN,
  severityText: 'WARN',
  body: { card: 'visa', codes: [51, 'insufficient funds'], raw: new Uint8Array([0, 1, 255]) },
  attributes: { retry: 1, final: true },
  context: trace.setSpan(context.active(), order),
});

await Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush(), loggerProvider.forceFlush()]);
await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown(), loggerProvider.shutdown()]);
failures.forEach((failure) => console.error(failure));
process.exitCode = failures.length === 0 ? 0 : 1;

// Sends a trace, metrics and log records with the OpenTelemetry SDK for Go to OTEL_EXPORTER_OTLP_ENDPOINT, over
// OTEL_EXPORTER_OTLP_PROTOCOL, as service OTEL_SERVICE_NAME. Prints every request as its exporter handed it to the
// transport: the signal and the protobuf in base64, a line each. Exits with 1 when the receiver did not take all of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	out, err := newExporters(ctx, os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"))
	if err != nil {
		return err
	}
	res := resource.NewSchemaless(
		attribute.String("service.name", os.Getenv("OTEL_SERVICE_NAME")),
		attribute.Int("process.pid", os.Getpid()),
	)
	spans := sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithBatcher(out.traces))
	points := sdkmetric.NewMeterProvider(
		sdkmetric.WithResource(res),
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(out.metrics)),
		sdkmetric.WithView(sdkmetric.NewView(
			sdkmetric.Instrument{Name: "charge.duration"},
			sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}},
		)),
	)
	records := sdklog.NewLoggerProvider(
		sdklog.WithResource(res), sdklog.WithProcessor(sdklog.NewBatchProcessor(out.logs)))

	ctx = order(ctx, spans.Tracer("shop", trace.WithInstrumentationVersion("1.0")))
	if err := measure(ctx, points.Meter("shop")); err != nil {
		return err
	}
	report(ctx, records.Logger("shop"))
	return errors.Join(spans.Shutdown(ctx), points.Shutdown(ctx), records.Shutdown(ctx))
}

func order(ctx context.Context, tracer trace.Tracer) context.Context {
	ctx, order := tracer.Start(ctx, "POST /orders", trace.WithSpanKind(trace.SpanKindServer))
	defer order.End()
	order.SetAttributes(
		attribute.Int64("order.id", 1<<60),
		attribute.Float64("order.total", 99.5),
		attribute.Bool("order.gift", false),
		attribute.StringSlice("order.items", []string{"grün", "茶"}),
		attribute.Int64Slice("order.counts", []int64{-1, 0, 1}),
	)
	order.AddEvent("cart.checked", trace.WithAttributes(attribute.Int("cart.size", 2)))
	_, charge := tracer.Start(ctx, "charge", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithLinks(trace.LinkFromContext(ctx, attribute.String("why", "retry"))))
	charge.RecordError(errors.New("card declined"), trace.WithStackTrace(true))
	charge.SetStatus(codes.Error, "card declined")
	charge.End()
	return ctx
}

func measure(ctx context.Context, meter metric.Meter) error {
	orders, err := meter.Int64Counter("orders", metric.WithUnit("1"), metric.WithDescription("orders placed"))
	if err != nil {
		return err
	}
	carts, err := meter.Int64UpDownCounter("carts.open")
	if err != nil {
		return err
	}
	stock, err := meter.Float64Gauge("stock.level")
	if err != nil {
		return err
	}
	latency, err := meter.Float64Histogram("order.duration", metric.WithUnit("s"))
	if err != nil {
		return err
	}
	charge, err := meter.Float64Histogram("charge.duration", metric.WithUnit("s"))
	if err != nil {
		return err
	}
	card := metric.WithAttributes(attribute.String("method", "card"))
	orders.Add(ctx, 3, card)
	carts.Add(ctx, -2)
	stock.Record(ctx, 0.25)
	for i := 0; i < 10; i++ {
		latency.Record(ctx, float64(i)*1.5, card)
		charge.Record(ctx, float64(i)*0.001)
	}
	return nil
}

func report(ctx context.Context, logger log.Logger) {
	var record log.Record
	record.SetTimestamp(time.Now())
	record.SetSeverity(log.SeverityWarn)
	record.SetSeverityText("WARN")
	record.SetEventName("payment.declined")
	record.SetBody(attribute.MapValue(
		attribute.String("card", "visa"),
		attribute.Slice("codes", attribute.Int64Value(51), attribute.StringValue("insufficient funds")),
		attribute.ByteSlice("raw", []byte{0, 1, 0xff}),
	))
	record.AddAttributes(attribute.Int("retry", 1), attribute.Bool("final", true))
	logger.Emit(ctx, record)
}

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

type exporters struct {
	traces  *otlptrace.Exporter
	metrics sdkmetric.Exporter
	logs    sdklog.Exporter
}

func newExporters(ctx context.Context, protocol string) (exporters, error) {
	switch protocol {
	case "grpc":
		return grpcExporters(ctx)
	case "http/protobuf":
		return httpExporters(ctx)
	default:
		return exporters{}, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %q (expected: grpc or http/protobuf)", protocol)
	}
}

func grpcExporters(ctx context.Context) (out exporters, err error) {
	witness := grpc.WithUnaryInterceptor(noteCall)
	if out.traces, err = otlptracegrpc.New(ctx, otlptracegrpc.WithDialOption(witness)); err != nil {
		return
	}
	if out.metrics, err = otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithDialOption(witness)); err != nil {
		return
	}
	out.logs, err = otlploggrpc.New(ctx, otlploggrpc.WithDialOption(witness))
	return
}

func httpExporters(ctx context.Context) (out exporters, err error) {
	client := &http.Client{Transport: witness{http.DefaultTransport}}
	if out.traces, err = otlptracehttp.New(ctx, otlptracehttp.WithHTTPClient(client)); err != nil {
		return
	}
	if out.metrics, err = otlpmetrichttp.New(ctx, otlpmetrichttp.WithHTTPClient(client)); err != nil {
		return
	}
	out.logs, err = otlploghttp.New(ctx, otlploghttp.WithHTTPClient(client))
	return
}

func noteCall(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	body, err := proto.Marshal(request.(proto.Message))
	if err != nil {
		return err
	}
	note(strings.ToLower(method), body)
	return invoke(ctx, method, request, reply, connection, options...)
}

// Notes each request that passes.
type witness struct{ next http.RoundTripper }

func (w witness) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	note(request.URL.Path, body)
	request.Body = io.NopCloser(bytes.NewReader(body))
	return w.next.RoundTrip(request)
}

var printing sync.Mutex

// The path is that of a gRPC service or of OTLP over HTTP; both name the signal.
func note(path string, body []byte) {
	printing.Lock()
	defer printing.Unlock()
	for signal, mark := range map[string]string{"traces": "trace", "metrics": "metric", "logs": "log"} {
		if strings.Contains(path[strings.LastIndex(path, "v1"):], mark) {
			fmt.Fprintln(os.Stdout, signal, base64.StdEncoding.EncodeToString(body))
		}
	}
}

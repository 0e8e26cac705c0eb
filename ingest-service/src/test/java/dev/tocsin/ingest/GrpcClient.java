package dev.tocsin.ingest;

import dev.tocsin.otlp.wire.Signal;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** grpc-java with bytes as messages, so that tests can send what no generated stub would. */
final class GrpcClient implements AutoCloseable {
  static final String TRACES = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
  static final String METRICS = "opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
  static final String LOGS = "opentelemetry.proto.collector.logs.v1.LogsService/Export";

  private final ManagedChannel channel;

  static String method(Signal signal) {
    return switch (signal) {
      case TRACES -> TRACES;
      case METRICS -> METRICS;
      case LOGS -> LOGS;
      default -> throw new IllegalArgumentException(signal + " (expected: a stable signal)");
    };
  }

  GrpcClient(String hostAndPort) {
    this(NettyChannelBuilder.forTarget(hostAndPort).usePlaintext().build());
  }

  GrpcClient(ManagedChannel channel) {
    this.channel = channel;
  }

  byte[] call(String method, byte[] message, CallOptions options) {
    return call(method, message, options, new Metadata());
  }

  byte[] call(String method, byte[] message, CallOptions options, Metadata headers) {
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        descriptor(method),
        options.withDeadlineAfter(30, TimeUnit.SECONDS),
        message);
  }

  /** Fails with the client's own exception; completes on a thread of the channel. */
  CompletableFuture<byte[]> send(String method, byte[] message) {
    var answer = new CompletableFuture<byte[]>();
    ClientCalls.asyncUnaryCall(
        channel.newCall(
            descriptor(method), CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS)),
        message,
        new StreamObserver<byte[]>() {
          @Override
          public void onNext(byte[] value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {}
        });
    return answer;
  }

  private static MethodDescriptor<byte[], byte[]> descriptor(String method) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setFullMethodName(method)
        .setType(MethodDescriptor.MethodType.UNARY)
        .build();
  }

  byte[] call(String method, byte[] message) {
    return call(method, message, CallOptions.DEFAULT);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

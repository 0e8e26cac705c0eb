package dev.tocsin.ingest;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** grpc-java with bytes as messages, so that tests can send what no generated stub would. */
final class GrpcClient implements AutoCloseable {
  static final String TRACES = "opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private final ManagedChannel channel;

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
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setFullMethodName(method)
            .setType(MethodDescriptor.MethodType.UNARY)
            .build();
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        descriptor,
        options.withDeadlineAfter(30, TimeUnit.SECONDS),
        message);
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

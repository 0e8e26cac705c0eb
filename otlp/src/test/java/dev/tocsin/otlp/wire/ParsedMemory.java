package dev.tocsin.otlp.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.sun.management.ThreadMXBean;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.lang.management.ManagementFactory;

/** What the generated parser really takes of the heap. */
final class ParsedMemory {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ParsedMemory() {}

  /** Bytes allocated while the request is parsed; about half of them are garbage afterwards. */
  static long allocated(Signal signal, byte[] bytes) throws InvalidProtocolBufferException {
    Message unused = parse(signal, new byte[0]);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Message parsed = parse(signal, bytes);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (parsed.getSerializedSize() == 0) {
      throw new IllegalArgumentException("an empty request");
    }
    return allocated;
  }

  private static Message parse(Signal signal, byte[] bytes) throws InvalidProtocolBufferException {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.parseFrom(bytes);
      case METRICS -> ExportMetricsServiceRequest.parseFrom(bytes);
      case LOGS -> ExportLogsServiceRequest.parseFrom(bytes);
      case PROFILES -> throw new IllegalArgumentException("profiles have no consumer");
    };
  }
}

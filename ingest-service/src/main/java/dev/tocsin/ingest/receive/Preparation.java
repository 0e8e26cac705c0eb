package dev.tocsin.ingest.receive;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.json.JsonTranscoder;
import dev.tocsin.ingest.json.Transcoded;
import dev.tocsin.ingest.limits.StorageLimits;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.ports.TelemetrySink;
import dev.tocsin.ingest.process.ItemProcessor;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplit;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.TextRepair;
import dev.tocsin.otlp.wire.Utf8;
import dev.tocsin.otlp.wire.Warning;
import io.micrometer.core.instrument.MeterRegistry;

/** Makes records of a body: inflate, transcode, process, scan, split. Does no I/O; thread-safe. */
final class Preparation {
  /** Room for the batch and record headers of Kafka, and for what compression may add. */
  private static final int RECORD_OVERHEAD_BYTES = 16 << 10;

  /** The longest value of one Kafka record. */
  private static final int RECORD_BYTES_MAX = (int) Topic.MESSAGE_BYTES_MAX - RECORD_OVERHEAD_BYTES;

  private final JsonTranscoder transcoder;
  private final ItemProcessor processor;
  private final StorageLimits storageLimits;
  private final TelemetrySink sink;
  private final MeterRegistry registry;
  private final int bytesMax;

  /**
   * @param bytesMax of a request
   */
  Preparation(
      JsonTranscoder transcoder,
      ItemProcessor processor,
      StorageLimits storageLimits,
      TelemetrySink sink,
      MeterRegistry registry,
      int bytesMax) {
    this.transcoder = transcoder;
    this.processor = processor;
    this.storageLimits = storageLimits;
    this.sink = sink;
    this.registry = registry;
    this.bytesMax = bytesMax;
  }

  /**
   * @param body is given up; the answer may contain it
   * @param inflater of the calling thread
   * @param permit is asked for the memory of each form the body takes, and given back what is over
   * @throws RefusedException when the body cannot be used
   */
  OtlpSplit prepare(
      Payload payload,
      ContentEncoding encoding,
      byte[] body,
      Inflater inflater,
      Admission.Permit permit) {
    long before = permit.held();
    byte[] inflated = inflater.inflate(encoding, body, permit);
    if (inflated != body) {
      permit.shrink(before);
      before = permit.held();
    }
    try {
      if (payload.format() == BodyFormat.PROTOBUF) {
        return split(payload, read(payload, inflated, permit), inflated);
      }
      Transcoded transcoded = transcoder.transcode(payload.signal(), inflated, permit);
      permit.shrink(before);
      OtlpRequest request = read(payload, transcoded.request(), permit);
      transcoded.warnings().forEach(request::warn);
      count(payload.signal(), transcoded.repairedTexts());
      if (request.items() == 0 && !transcoded.unknownField().isEmpty()) {
        String field = transcoded.unknownField();
        request.warn(Warning.NOTHING_FOUND, field + " is not known" + signalOf(field));
      }
      return split(payload, request, inflated);
    } catch (MalformedOtlpException e) {
      throw new RefusedException(
          Reason.MALFORMED,
          "body: no "
              + payload.signal().label()
              + " export request, "
              + e.getMessage()
              + Misfit.of(payload, inflated));
    } catch (RefusedException e) {
      if (e.reason() != Reason.MALFORMED) {
        throw e;
      }
      throw new RefusedException(Reason.MALFORMED, e.getMessage() + Misfit.of(payload, inflated));
    }
  }

  private static String signalOf(String field) {
    return switch (field) {
      case "resourceSpans" -> ": traces go to /v1/traces";
      case "resourceMetrics" -> ": metrics go to /v1/metrics";
      case "resourceLogs" -> ": logs go to /v1/logs";
      case "resourceProfiles" -> ": profiles go to /v1development/profiles";
      default -> "";
    };
  }

  private OtlpSplit split(Payload payload, OtlpRequest request, byte[] body) {
    int rejected = request.rejected().values().stream().mapToInt(Integer::intValue).sum();
    if (body.length > 0 && rejected == request.items() && !isOutside(request)) {
      String other = Misfit.otherSignal(payload, body);
      if (!other.isEmpty()) {
        request.warn(Warning.NOTHING_FOUND, other.substring(2));
      }
    }
    return OtlpSplitter.split(request, sink.partitions(payload.signal()), RECORD_BYTES_MAX);
  }

  /** Then there is no doubt of what it is. */
  private static boolean isOutside(OtlpRequest request) {
    return request.rejected().containsKey(Rejection.TIME_OUTSIDE)
        || request.rejected().containsKey(Rejection.END_TIME_OUTSIDE);
  }

  /** Texts that are no UTF-8 are repaired, for which it is read once more. */
  private OtlpRequest read(Payload payload, byte[] request, Admission.Permit permit) {
    try {
      return scan(payload.signal(), request, permit);
    } catch (MalformedOtlpException e) {
      if (!e.invalidText()) {
        throw e;
      }
      return readRepaired(payload, request, permit);
    }
  }

  private OtlpRequest readRepaired(Payload payload, byte[] request, Admission.Permit permit) {
    TextRepair repair = new TextRepair(payload.signal(), request);
    if (repair.length() > bytesMax) {
      throw new RefusedException(
          Reason.TOO_LARGE,
          "body: "
              + repair.length()
              + " bytes with U+FFFD for what is no UTF-8 (expected: at most "
              + bytesMax
              + ")");
    }
    if (!permit.grow(repair.length())) {
      throw new RefusedException(
          Reason.OVER_BUDGET, "too many bytes in flight to repair a body; try again later");
    }
    OtlpRequest scanned = scan(payload.signal(), repair.write(), permit);
    scanned.warn(Warning.INVALID_UTF8, Utf8.told(repair.texts(), repair.firstField()));
    count(payload.signal(), repair.texts());
    return scanned;
  }

  private void count(Signal signal, int repairedTexts) {
    if (repairedTexts > 0) {
      registry.counter("otlp.repaired", "signal", signal.label()).increment(repairedTexts);
    }
  }

  private OtlpRequest scan(Signal signal, byte[] request, Admission.Permit permit) {
    return OtlpScanner.scan(signal, process(signal, request, permit), storageLimits.now(signal));
  }

  /** Rules may write the request anew, which takes about as much memory once more. */
  private byte[] process(Signal signal, byte[] request, Admission.Permit permit) {
    if (!processor.hasRules(signal)) {
      return request;
    }
    long before = permit.held();
    if (!permit.grow(request.length)) {
      throw new RefusedException(
          Reason.OVER_BUDGET, "too many bytes in flight to process a body; try again later");
    }
    byte[] processed = processor.apply(signal, request);
    permit.shrink(before);
    return processed;
  }
}

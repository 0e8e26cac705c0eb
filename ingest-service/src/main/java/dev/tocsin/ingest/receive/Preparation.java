package dev.tocsin.ingest.receive;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.json.JsonTranscoder;
import dev.tocsin.ingest.json.Transcoded;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.ports.TelemetrySink;
import dev.tocsin.ingest.process.ItemProcessor;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplit;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.Warning;
import java.util.Set;

/** Makes records of a body: inflate, transcode, process, scan, split. Does no I/O; thread-safe. */
final class Preparation {
  /** Room for the batch and record headers of Kafka, and for what compression may add. */
  private static final int RECORD_OVERHEAD_BYTES = 16 << 10;

  /** The longest value of one Kafka record. */
  private static final int RECORD_BYTES_MAX = (int) Topic.MESSAGE_BYTES_MAX - RECORD_OVERHEAD_BYTES;

  private final JsonTranscoder transcoder;
  private final ItemProcessor processor;
  private final TelemetrySink sink;

  Preparation(JsonTranscoder transcoder, ItemProcessor processor, TelemetrySink sink) {
    this.transcoder = transcoder;
    this.processor = processor;
    this.sink = sink;
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
    byte[] request = inflated;
    Set<Warning> warnings = Set.of();
    if (payload.format() == BodyFormat.JSON) {
      Transcoded transcoded = transcoder.transcode(payload.signal(), inflated, permit);
      request = transcoded.request();
      warnings = transcoded.warnings();
      permit.shrink(before);
    }
    try {
      OtlpRequest scanned =
          OtlpScanner.scan(payload.signal(), process(payload.signal(), request, permit));
      warnings.forEach(scanned::warn);
      return OtlpSplitter.split(scanned, sink.partitions(payload.signal()), RECORD_BYTES_MAX);
    } catch (MalformedOtlpException e) {
      throw new RefusedException(
          Reason.MALFORMED,
          "body: no " + payload.signal().label() + " export request, " + e.getMessage());
    }
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

package dev.tocsin.app.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Receivers that are wrong in one way each: the suite says in which. */
class DefectsTest {
  private static final Map<Defect, Set<String>> FOUND_BY =
      Map.of(
          Defect.JSON_ANSWER_TO_PROTOBUF,
          Set.of("O-19/response-type", "O-5/empty-response"),
          Defect.SERVER_ERROR_FOR_BAD_DATA,
          Set.of(
              "O-23/malformed-is-400",
              "O-23/truncated-is-400",
              "O-23/random-is-400",
              "O-23/false-gzip-is-400",
              "O-23/truncated-gzip-is-400",
              "O-24/bad-data-is-final",
              "O-24/deep-nesting"),
          Defect.SILENCE_FOR_UNKNOWN_ENCODING,
          Set.of("O-22/unknown-encoding-is-415", "O-22/status-of-wrong-encoding"),
          Defect.NO_LIMIT_AFTER_INFLATION,
          Set.of(
              "O-2/limit-inflated",
              "O-75/gzip-bomb",
              "O-20/413-inflated",
              "O-22/status-of-413-inflated",
              "O-11/exhausted-inflated",
              "O-11/no-retry-info-inflated"),
          Defect.PLAIN_TEXT_415,
          Set.of("O-22/status-of-415"),
          Defect.PARTIAL_SUCCESS_FOR_FULL_SUCCESS,
          Set.of("O-5/empty-response"),
          Defect.RETRY_INFO_FOR_TOO_LARGE,
          Set.of("O-11/no-retry-info-as-sent", "O-11/no-retry-info-inflated", "O-75/gzip-bomb"),
          Defect.WRONG_COUNT_OF_REJECTED,
          Set.of(
              "O-6/rejected-count",
              "O-36/no-trace-id",
              "O-36/zero-trace-id",
              "O-36/short-trace-id",
              "O-36/zero-span-id",
              "O-36/long-span-id",
              "O-29/base64-ids"),
          Defect.UNKNOWN_FIELDS_REFUSED,
          Set.of("O-8/unknown-fields"));

  private static Set<String> failedWithout;

  @BeforeAll
  static void tryTheStubItself() throws Exception {
    failedWithout = failed(Defect.NONE);
  }

  @Test
  void stub_failsNothing_withoutADefect() {
    assertThat(failedWithout).isEmpty();
  }

  @TestFactory
  List<DynamicTest> defect_isFoundByTheCasesMeantForIt_andNoOther() {
    return Arrays.stream(Defect.values())
        .filter(defect -> defect != Defect.NONE)
        .map(
            defect ->
                DynamicTest.dynamicTest(
                    defect.name(),
                    () ->
                        assertThat(failed(defect))
                            .containsExactlyInAnyOrderElementsOf(FOUND_BY.get(defect))))
        .toList();
  }

  /** Traces only, and without what concerns stalling: the stub waits for ever. */
  private static Set<String> failed(Defect defect) throws Exception {
    try (StubReceiver stub = new StubReceiver(defect)) {
      return ConformanceRun.of(
              "--grpc=" + stub.address(),
              "--http=" + stub.address(),
              "--signal=traces",
              "--only=O-1,O-2,O-4,O-5,O-6,O-8,O-9,O-11,O-13,O-14,O-17,O-19,O-20,O-21,O-22,O-23,O-24",
              "--only=O-28,O-29,O-31,O-32,O-33,O-34,O-36,O-75/gzip-bomb",
              "--size-limit=1MiB",
              "--timeout=2s",
              "--json=-")
          .failed();
    }
  }
}

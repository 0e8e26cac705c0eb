package dev.tocsin.app.bench;

import dev.tocsin.app.receiver.ReceiverAddress;
import dev.tocsin.common.config.Units;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.otlp.wire.Signal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code tocsin bench}. Ends with 0 when every request was acknowledged (or no more failed than was
 * allowed), 1 when not or when the receiver cannot be reached, 2 for arguments it cannot use.
 */
@Command(
    name = "bench",
    description = {
      "Send load to an OTLP receiver and report throughput, latency, errors and CPU.",
      "With --rate, requests are due at fixed times and latency counts from then (open loop);"
          + " without, each connection sends as fast as it is answered (closed loop)."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BenchCommand implements Callable<Integer> {
  private static final int EXIT_FAILED = 1;
  private static final Signal[] SIGNALS = {Signal.TRACES, Signal.METRICS, Signal.LOGS};
  private static final int IN_FLIGHT_PER_CONNECTION = 8;

  @SuppressWarnings("NullAway.Init") // set by picocli
  @Spec
  private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ENDPOINT",
      description = ReceiverAddress.FORMS + " (default: 127.0.0.1); port 4317 for gRPC, else 4318.")
  private @Nullable String endpoint;

  @Option(
      names = "--duration",
      defaultValue = "30s",
      description = "Measured time (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init")
  private String duration;

  @Option(
      names = "--warm-up",
      defaultValue = "5s",
      description = "Time before that, not measured (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init")
  private String warmUp;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Requests in flight in all (default: 32).")
  private int concurrency = 32;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections (default: one for 8 requests in flight; HTTP: one for each).")
  private @Nullable Integer connections;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description = "Requests in flight per connection, instead of --concurrency; gRPC only.")
  private @Nullable Integer inFlight;

  @Option(
      names = "--batch-size",
      paramLabel = "ITEMS",
      defaultValue = "512",
      description = "Spans, points or log records a request (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--spans-per-trace",
      paramLabel = "N",
      defaultValue = "8",
      description = "Spans (log records) of one trace (default: ${DEFAULT-VALUE}).")
  private int spansPerTrace;

  @Option(
      names = "--rate",
      paramLabel = "ITEMS",
      defaultValue = "0",
      description = "Items a second that are due, in all; makes it an open loop.")
  private double rate;

  @Option(
      names = "--signal",
      defaultValue = "traces",
      description = "traces, metrics or logs (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init")
  private String signal;

  @Option(
      names = "--protocol",
      defaultValue = "grpc",
      description = "grpc, http/protobuf or http/json (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init")
  private String protocol;

  @Option(
      names = "--compression",
      defaultValue = "gzip",
      description = "none, gzip or zstd (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init")
  private String compression;

  @Option(
      names = "--unique",
      description =
          "Compress every request anew, so that all ids differ; costs the client CPU. Without, 64"
              + " compressed batches take turns.")
  private boolean unique;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the ids (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--header",
      paramLabel = "NAME=VALUE",
      description = "Sent with every request; may be repeated.")
  private Map<String, String> headers = new LinkedHashMap<>();

  @Option(
      names = "--timeout",
      defaultValue = "10s",
      description = "For one request (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init")
  private String timeout;

  @Option(
      names = "--retry",
      description =
          "Send retryable refusals again, as exporters do, instead of counting them as errors.")
  private boolean retry;

  @Option(names = "--insecure", description = "Trust any certificate.")
  private boolean insecure;

  @Option(
      names = "--process",
      paramLabel = "NAME=PID",
      description = "Also report CPU and memory of this local process; may be repeated.")
  private Map<String, Long> processes = new LinkedHashMap<>();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the report as JSON; - for standard output, instead of the text.")
  private @Nullable String json;

  @Option(names = "--quiet", description = "No progress and no text, for use with --json.")
  private boolean quiet;

  @Option(
      names = "--errors-max",
      paramLabel = "PERCENT",
      defaultValue = "0",
      description =
          "How many requests may fail before the command does (default: ${DEFAULT-VALUE}).")
  private double errorsMax;

  @Override
  public Integer call() throws InterruptedException {
    BenchOptions options = options();
    boolean terminal = Ansi.AUTO.enabled();
    try {
      Report report =
          new BenchRun(
                  options, quiet ? ProgressLine.none() : new ProgressLine(System.err, terminal))
              .run();
      if (!quiet && !"-".equals(json)) {
        ReportText.of(report).forEach(System.out::println);
      }
      write(report);
      return report.errorPercent() > errorsMax ? EXIT_FAILED : 0;
    } catch (BenchFailure | IOException e) {
      System.err.println("tocsin: " + FailureText.of(e));
      return EXIT_FAILED;
    }
  }

  private void write(Report report) throws IOException {
    if (json == null) {
      return;
    }
    String text = ReportJson.of(report).encodePrettily();
    if (json.equals("-")) {
      System.out.println(text);
    } else {
      Files.writeString(Path.of(json), text + "\n");
    }
  }

  private BenchOptions options() {
    Protocol wire = choice("--protocol", protocol, Protocol.values());
    int perConnection = inFlight == null ? 1 : positive("--in-flight", inFlight);
    if (inFlight == null && wire == Protocol.GRPC) {
      int lanes = connections == null ? 1 : positive("--connections", connections);
      perConnection =
          connections == null
              ? Math.min(concurrency, IN_FLIGHT_PER_CONNECTION)
              : Math.max(1, ceil(positive("--concurrency", concurrency), lanes));
    } else if (wire != Protocol.GRPC && perConnection != 1) {
      throw bad("--in-flight", perConnection, "1 with HTTP/1.1; raise --connections");
    }
    int all =
        connections == null
            ? ceil(positive("--concurrency", concurrency), perConnection)
            : positive("--connections", connections);
    return new BenchOptions(
        target(wire),
        choice("--signal", signal, SIGNALS),
        wire,
        choice("--compression", compression, BodyCompression.values()),
        positive("--batch-size", batchSize),
        positive("--spans-per-trace", spansPerTrace),
        notNegative("--rate", rate),
        all,
        perConnection,
        millis("--warm-up", warmUp, 0),
        millis("--duration", duration, 1),
        millis("--timeout", timeout, 1),
        seed,
        unique,
        retry,
        insecure,
        errorsMax,
        Map.copyOf(headers),
        meters());
  }

  private List<ProcessMeter> meters() {
    List<ProcessMeter> meters = new ArrayList<>();
    processes.forEach(
        (name, pid) -> {
          if (ProcessHandle.of(pid).isEmpty()) {
            throw bad("--process", name + "=" + pid, "the id of a running process");
          }
          meters.add(new ProcessMeter(name, pid));
        });
    return meters;
  }

  private URI target(Protocol wire) {
    try {
      ReceiverAddress given =
          ReceiverAddress.parse("ENDPOINT", endpoint == null ? "127.0.0.1" : endpoint);
      return URI.create(given.url(wire.defaultPort()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), FailureText.of(e));
    }
  }

  private static int ceil(int value, int divisor) {
    return (value + divisor - 1) / divisor;
  }

  private int positive(String option, int value) {
    if (value < 1) {
      throw bad(option, value, "at least 1");
    }
    return value;
  }

  private double notNegative(String option, double value) {
    if (value < 0) {
      throw bad(option, value, "at least 0");
    }
    return value;
  }

  private long millis(String option, String text, long least) {
    return Units.duration(text)
        .map(value -> value.toMillis())
        .filter(value -> value >= least)
        .orElseThrow(() -> bad(option, text, "a duration such as 30s or 500ms"));
  }

  private <T extends Enum<T>> T choice(String option, String text, T[] values) {
    List<String> names = Arrays.stream(values).map(BenchCommand::label).toList();
    int index = names.indexOf(text.toLowerCase(Locale.ROOT));
    if (index < 0) {
      throw bad(option, text, String.join(", ", names));
    }
    return values[index];
  }

  private static String label(Enum<?> value) {
    return value instanceof Signal known ? known.label() : value.toString();
  }

  private ParameterException bad(String option, Object value, String expected) {
    return new ParameterException(
        spec.commandLine(), option + ": " + value + " (expected: " + expected + ")");
  }
}

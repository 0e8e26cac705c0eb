package dev.tocsin.app.conformance;

import dev.tocsin.app.conformance.cases.CaseSuite;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Level;
import dev.tocsin.app.conformance.check.Result;
import dev.tocsin.app.conformance.check.Runner;
import dev.tocsin.app.conformance.check.Samples;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.Summary;
import dev.tocsin.app.conformance.probe.Client;
import dev.tocsin.app.conformance.probe.Header;
import dev.tocsin.app.conformance.probe.ReceiverKind;
import dev.tocsin.app.conformance.probe.ServerAddress;
import dev.tocsin.app.conformance.probe.Target;
import dev.tocsin.app.conformance.report.CaseListing;
import dev.tocsin.app.conformance.report.JUnitReport;
import dev.tocsin.app.conformance.report.JsonReport;
import dev.tocsin.app.conformance.report.TextReport;
import dev.tocsin.app.receiver.ReceiverAddress;
import dev.tocsin.common.config.Units;
import dev.tocsin.common.runtime.FailureText;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code tocsin conformance}: tries an OTLP receiver over the network, one case after the other.
 * Exit codes: 0 when every MUST holds, 1 when one does not, 2 when there is nothing to try.
 */
@Command(
    name = "conformance",
    description = {
      "Try an OTLP receiver, any, against OTLP 1.11: every MUST and SHOULD that shows from"
          + " outside.",
      "It sends valid, wrong and hostile requests; do not point it at what others depend on."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class ConformanceCommand implements Callable<Integer> {
  private static final String QUIET = "dev/tocsin/app/conformance/logback-conformance.xml";
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_UNUSABLE = 2;
  private static final long SIZE_LIMIT_MIN = 1 << 20;
  private static final long SIZE_LIMIT_MAX = 256L << 20;

  @SuppressWarnings("NullAway.Init") // set by picocli
  @Spec
  private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ENDPOINT",
      description =
          ReceiverAddress.FORMS
              + ": gRPC on port 4317, HTTP on 4318. Port 4317 named: gRPC only; 4318: HTTP only;"
              + " another: both there.")
  private @Nullable String endpoint;

  @Option(
      names = "--grpc",
      paramLabel = "URL",
      description = "Where it takes gRPC, or 'none' (default: port 4317 of ENDPOINT).")
  private @Nullable String grpc;

  @Option(
      names = "--http",
      paramLabel = "URL",
      description = "Where it takes HTTP, or 'none' (default: port 4318 of ENDPOINT).")
  private @Nullable String http;

  @Option(
      names = "--header",
      paramLabel = "NAME=VALUE",
      description = "Sent with every request; the value is never printed. Repeatable.")
  private List<String> headers = List.of();

  @Option(names = "--ca", paramLabel = "FILE", description = "Certificates (PEM) to trust.")
  private @Nullable Path ca;

  @Option(names = "--insecure", description = "Trust any certificate.")
  private boolean insecure;

  @Option(
      names = "--only",
      paramLabel = "ITEM",
      split = ",",
      description = "Only these items, or cases of them: O-22 or O-22/status-of-404. Repeatable.")
  private List<String> only = List.of();

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      description = "MUST, SHOULD (with MUST) or EXPECTED (all; default).",
      defaultValue = "EXPECTED")
  private Level level = Level.EXPECTED;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      split = ",",
      description = "Only these: grpc, http/protobuf, http/json. Repeatable.")
  private List<String> transports = List.of();

  @Option(
      names = "--signal",
      paramLabel = "NAME",
      split = ",",
      description = "Only these: traces, metrics, logs, profiles. Repeatable.")
  private List<String> signals = List.of();

  @Option(
      names = "--size-limit",
      paramLabel = "SIZE",
      description = "The receiver's limit for a request (default: ${DEFAULT-VALUE}, as OTLP says).",
      defaultValue = "64MiB")
  private String sizeLimit = "64MiB";

  @Option(
      names = "--skip-large",
      description = "Leave out cases that send as much as the limit, or wait for --patience.")
  private boolean skipLarge;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long an answer may take (default: ${DEFAULT-VALUE}).",
      defaultValue = "5s")
  private String timeout = "5s";

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      description = "How long a stalling sender may be put up with (default: ${DEFAULT-VALUE}).",
      defaultValue = "30s")
  private String patience = "30s";

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      description = "An origin the receiver should serve; without it CORS is left out.")
  private @Nullable String corsOrigin;

  @Option(names = "--list", description = "List all cases in Markdown, and try nothing.")
  private boolean list;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the results as JSON; '-' prints them instead of the text.")
  private @Nullable String json;

  @Option(names = "--junit", paramLabel = "FILE", description = "Also write JUnit's XML.")
  private @Nullable Path junit;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      out.print(CaseListing.markdown(CaseSuite.areas(), CaseSuite.notObservable()));
      out.flush();
      return 0;
    }
    System.setProperty("logback.configurationFile", QUIET);
    Target target = target();
    Session.Settings settings =
        new Session.Settings(sizeLimitBytes(), milliseconds("--patience", patience), corsOrigin);
    List<ConformanceCase> chosen = chosen();
    Vertx vertx = Vertx.vertx();
    try (Client client = new Client(vertx, target)) {
      return reachable(client)
          ? run(new Session(client, settings, samples()), client.target(), chosen, out)
          : EXIT_UNUSABLE;
    } finally {
      close(vertx);
    }
  }

  private static Samples samples() {
    Instant now = Instant.now();
    return new Samples(
        now.getEpochSecond() * 1_000_000_000 + now.getNano(),
        new SplittableRandom(now.toEpochMilli()));
  }

  private int run(Session session, Target target, List<ConformanceCase> chosen, PrintWriter out)
      throws IOException {
    long began = System.nanoTime();
    TextReport text = new TextReport(out, "-".equals(json) ? Ansi.OFF : Ansi.AUTO);
    boolean textless = "-".equals(json);
    List<Result> results = new Runner(session, textless ? result -> {} : text::result).run(chosen);
    Summary summary = Summary.of(results);
    if (textless) {
      out.println(JsonReport.write(target, results));
      out.flush();
    } else {
      text.summary(summary, (System.nanoTime() - began) / 1_000_000);
    }
    if (json != null && !textless) {
      Files.writeString(Path.of(json), JsonReport.write(target, results));
    }
    if (junit != null) {
      Files.writeString(junit, JUnitReport.write(results));
    }
    return summary.conforms() ? 0 : EXIT_FAILED;
  }

  private boolean reachable(Client client) {
    boolean all = true;
    for (ReceiverKind each : ReceiverKind.values()) {
      ServerAddress origin = client.target().origin(each);
      String why = origin == null ? null : client.unreachable(origin);
      if (why != null) {
        spec.commandLine()
            .getErr()
            .printf("tocsin: cannot connect to %s for %s: %s%n", origin, each, why);
        all = false;
      }
    }
    spec.commandLine().getErr().flush();
    return all;
  }

  private List<ConformanceCase> chosen() {
    List<ConformanceCase> chosen =
        CaseSuite.all().stream()
            .filter(one -> one.level().compareTo(level) <= 0)
            .filter(one -> !one.large() || !skipLarge)
            .filter(one -> chosen(only, one.item()) || chosen(only, one.item() + "/" + one.name()))
            .filter(one -> chosen(transports, one.lane().wire().label()))
            .filter(one -> chosen(signals, one.lane().signal().label()))
            .toList();
    if (chosen.isEmpty()) {
      throw wrong("no case is left to try (expected: items, transports and signals as in --list)");
    }
    return chosen;
  }

  private static boolean chosen(List<String> wanted, String name) {
    return wanted.isEmpty() || wanted.contains(name);
  }

  private Target target() {
    ServerAddress grpcOrigin =
        origin("--grpc", grpc, ReceiverAddress.GRPC_PORT, ReceiverAddress.HTTP_PORT);
    ServerAddress httpOrigin =
        origin("--http", http, ReceiverAddress.HTTP_PORT, ReceiverAddress.GRPC_PORT);
    if (grpcOrigin == null && httpOrigin == null) {
      throw wrong("no receiver named (expected: ENDPOINT, --grpc or --http)");
    }
    if (ca != null && !Files.isReadable(ca)) {
      throw wrong("--ca: " + ca + " (expected: a readable file)");
    }
    List<Header> own = new ArrayList<>();
    for (String header : headers) {
      int equals = header.indexOf('=');
      if (equals < 1) {
        throw wrong("--header: not usable (expected: NAME=VALUE)");
      }
      own.add(new Header(header.substring(0, equals).strip(), header.substring(equals + 1)));
    }
    return new Target(
        grpcOrigin, httpOrigin, own, ca, insecure, milliseconds("--timeout", timeout));
  }

  /** What the option says; else ENDPOINT, unless its port is that of the other one; else none. */
  private @Nullable ServerAddress origin(
      String option, @Nullable String value, int usualPort, int portOfTheOther) {
    try {
      if (value != null) {
        return value.equals("none")
            ? null
            : ServerAddress.of(ReceiverAddress.parse(option, value), usualPort);
      }
      if (endpoint == null) {
        return null;
      }
      ReceiverAddress named = ReceiverAddress.parse("ENDPOINT", endpoint);
      return named.namedPort() == portOfTheOther ? null : ServerAddress.of(named, usualPort);
    } catch (IllegalArgumentException e) {
      throw wrong(FailureText.of(e));
    }
  }

  private int sizeLimitBytes() {
    long bytes = Units.bytes(sizeLimit).orElse(0L);
    if (bytes < SIZE_LIMIT_MIN || bytes > SIZE_LIMIT_MAX) {
      throw wrong("--size-limit: " + sizeLimit + " (expected: 1MiB to 256MiB)");
    }
    return (int) bytes;
  }

  private long milliseconds(String option, String text) {
    return Units.duration(text)
        .map(Duration::toMillis)
        .filter(millis -> millis > 0)
        .orElseThrow(() -> wrong(option + ": " + text + " (expected: such as 500ms, 5s or 1m)"));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void close(Vertx vertx) {
    try {
      Void unused = vertx.close().toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot stop", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.tocsin.app.conformance;

import static java.util.stream.Collectors.toCollection;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import picocli.CommandLine;

/** The command run in this JVM, with what it printed. */
record ConformanceRun(int exitCode, String out, String err) {

  static ConformanceRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        new CommandLine(new ConformanceCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new ConformanceRun(exitCode, out.toString(), err.toString());
  }

  /** The results of a run with {@code --json -}. */
  List<JsonObject> cases() {
    return new JsonObject(out).getJsonArray("cases").stream().map(JsonObject.class::cast).toList();
  }

  Stream<JsonObject> failures() {
    return cases().stream().filter(one -> one.getString("outcome").equals("failed"));
  }

  /** {@code O-22/status-of-404}, without where. */
  Set<String> failed() {
    return failures()
        .map(one -> one.getString("item") + "/" + one.getString("name"))
        .collect(toCollection(TreeSet::new));
  }
}

package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The five questions of README have answers, a fault of the demo shop later. */
final class ReadmeIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String CONFIG =
      """
      [app]
      demo_visits_per_second = 20
      demo_first_fault_after = "5s"
      """;

  @TempDir private Path temp;

  @Test
  void question_hasAnAnswer() throws Exception {
    List<String> questions = ReadmeQuestions.all();
    assertThat(questions).hasSize(5);
    Path config = Files.writeString(temp.resolve("tocsin.toml"), CONFIG);
    try (RunningUp up =
        RunningUp.start(
            temp.resolve("data"),
            RunningUp.freeOffset(),
            "--demo",
            "--config",
            config.toString())) {
      for (String question : questions) {
        up.await("an answer to " + question, LIMIT, () -> answer(up, question));
      }
    }
  }

  private static Optional<JsonObject> answer(RunningUp up, String question) throws Exception {
    HttpResponse<String> answer = up.get("console.port", question);
    assertThat(answer.statusCode()).as("%s: %s", question, answer.body()).isEqualTo(200);
    return Optional.of(new JsonObject(answer.body())).filter(ReadmeIT::saysSomething);
  }

  /** Whether the list that an answer is about has anything in it. */
  private static boolean saysSomething(JsonObject answer) {
    JsonObject body = answer.getJsonObject("data", answer);
    return Stream.of("traces", "logs", "incidents", "result")
        .anyMatch(list -> !body.getJsonArray(list, new JsonArray()).isEmpty());
  }
}

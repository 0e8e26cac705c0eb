package dev.tocsin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.testkit.HttpSink.Response;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpSinkTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpSink sink = HttpSink.start();

  @AfterEach
  void close() {
    sink.close();
  }

  @Test
  void sink_recordsRequests() throws Exception {
    assertThat(post("/hook?a=%20b", "grüße").body()).isEqualTo("ok");
    RecordedRequest request = sink.awaitRequest("/hook", LIMIT);
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.query()).isEqualTo("a=%20b");
    assertThat(request.header("X-Sent-By")).contains("test");
    assertThat(request.header("X-Other")).isEmpty();
    assertThat(request.text()).isEqualTo("grüße");
    sink.clear();
    assertThat(sink.requests()).isEmpty();
  }

  @Test
  void sink_answersByScript_thenAlwaysTheSame() throws Exception {
    sink.respondNext(Response.of(429, "slow").withHeader("Retry-After", "3"), Response.of(500));
    sink.respondAlways(Response.of(202));
    HttpResponse<String> first = post("/", "1");
    assertThat(first.statusCode()).isEqualTo(429);
    assertThat(first.headers().firstValue("retry-after")).contains("3");
    assertThat(post("/", "2").statusCode()).isEqualTo(500);
    assertThat(post("/", "3").statusCode()).isEqualTo(202);
    assertThat(post("/", "4").statusCode()).isEqualTo(202);
    assertThat(sink.awaitRequests(4, LIMIT))
        .extracting(RecordedRequest::text)
        .containsExactly("1", "2", "3", "4");
  }

  @Test
  void sink_recordsARequest_whoseAnswerComesTooLate() {
    sink.respondNext(Response.of(200).after(Duration.ofMinutes(1)));
    HttpRequest request =
        HttpRequest.newBuilder(sink.uri("/late")).timeout(Duration.ofMillis(300)).build();
    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(sink.awaitRequest("/late", LIMIT).method()).isEqualTo("GET");
  }

  @Test
  void awaitRequest_saysWhatCame_whenNothingMatches() throws Exception {
    post("/other", "body");
    assertThatThrownBy(() -> sink.awaitRequest("/wanted", Duration.ofMillis(50)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("POST /other body");
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(sink.uri(path))
            .header("X-Sent-By", "test")
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }
}

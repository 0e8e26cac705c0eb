package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrainIT {

  @Test
  void stop_refusesNewWorkRetryably_andFinishesWhatIsInFlight() throws Exception {
    String service = Backends.uniqueName("drain");
    byte[] body = Otlp.traces(service, 1, 1).toByteArray();
    RunningIngest ingest = RunningIngest.start(Backends.kafka(), Map.of());
    try (Socket slow = post(ingest, body.length)) {
      slow.getOutputStream().write(body, 0, 10);
      slow.getOutputStream().flush();
      await().until(() -> ingest.scrape().matches("(?s).*otlp_in_flight_requests\\S* 1\\.0.*"));
      Future<Void> stopped = ingest.service().stop();
      assertThat(ingest.service().ready()).isFalse();
      try (Socket late = post(ingest, body.length)) {
        late.getOutputStream().write(body);
        assertThat(answer(late)).contains("HTTP/1.1 503").containsPattern("retry-after: [12]");
      }
      assertThat(stopped.isComplete()).isFalse();
      slow.getOutputStream().write(body, 10, body.length - 10);
      assertThat(answer(slow)).contains("HTTP/1.1 200");
      RunningIngest.await(stopped);
      try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
        assertThat(reader.await(message -> !TopicReader.spans(message, service).isEmpty()))
            .hasSize(1);
      }
    } finally {
      ingest.close();
    }
  }

  private static Socket post(RunningIngest ingest, int length) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port(ingest.http()));
    String head =
        "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"
            + "content-length: "
            + length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(UTF_8));
    return socket;
  }

  /** The head of the answer. */
  private static String answer(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    try {
      for (String line = reader.readLine();
          line != null && !line.isEmpty();
          line = reader.readLine()) {
        head.append(line).append('\n');
      }
    } catch (SocketException closed) {
      head.append(closed.getMessage());
    }
    return head.toString();
  }
}

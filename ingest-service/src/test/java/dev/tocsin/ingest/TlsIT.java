package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.testkit.Backends;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vertx.core.net.SelfSignedCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on both ports, client certificates, and certificates that change under open connections. */
class TlsIT {
  private static final String HOST = "localhost";

  @TempDir static Path dir;
  private static SelfSignedCertificate server;
  private static SelfSignedCertificate renewed;
  private static SelfSignedCertificate client;

  @BeforeAll
  static void create() {
    server = SelfSignedCertificate.create(HOST);
    renewed = SelfSignedCertificate.create(HOST);
    client = SelfSignedCertificate.create("client.test");
  }

  @AfterAll
  static void delete() {
    server.delete();
    renewed.delete();
    client.delete();
  }

  @Test
  void bothPorts_speakTls_andTakeANewCertificateWithoutLosingConnections() throws Exception {
    Path cert = copy(server.certificatePath(), "cert.pem");
    Path key = copy(server.privateKeyPath(), "key.pem");
    try (RunningIngest ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of(
                "ingest.tls.cert_file", cert.toString(),
                "ingest.tls.key_file", key.toString(),
                "ingest.tls.reload_interval", "50ms"))) {
      assertThat(ingest.http()).startsWith("https://");
      assertThat(post(ingest, trusting(server.certificatePath()))).isEqualTo(200);
      try (GrpcClient grpc = grpc(ingest, server, null)) {
        assertThat(grpc.call(GrpcClient.TRACES, new byte[0])).isEmpty();
      }
      try (SSLSocket open = connect(ingest, trusting(server.certificatePath()))) {
        assertThat(ask(open)).startsWith("HTTP/1.1 200");

        copy(renewed.certificatePath(), "cert.pem");
        await().until(() -> health(ingest).contains("the key is not that of the certificate"));
        assertThat(post(ingest, trusting(server.certificatePath()))).isEqualTo(200);

        copy(renewed.privateKeyPath(), "key.pem");
        await().untilAsserted(() -> assertThat(presented(ingest)).isEqualTo(certificate(renewed)));
        assertThat(health(ingest)).doesNotContain("the key is not that of the certificate");
        assertThat(post(ingest, trusting(renewed.certificatePath()))).isEqualTo(200);
        try (GrpcClient grpc = grpc(ingest, renewed, null)) {
          assertThat(grpc.call(GrpcClient.TRACES, new byte[0])).isEmpty();
        }
        assertThat(ask(open)).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void clientCertificates_areRequiredAndVerified() throws Exception {
    try (RunningIngest ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of(
                "ingest.tls.cert_file", server.certificatePath(),
                "ingest.tls.key_file", server.privateKeyPath(),
                "ingest.tls.client_ca_file", client.certificatePath(),
                "ingest.tls.min_version", "1.3"))) {
      try (GrpcClient known = grpc(ingest, server, client)) {
        assertThat(known.call(GrpcClient.TRACES, new byte[0])).isEmpty();
      }
      try (GrpcClient stranger = grpc(ingest, server, renewed)) {
        assertThatThrownBy(() -> stranger.call(GrpcClient.TRACES, new byte[0]))
            .hasMessageContaining("UNAVAILABLE");
      }
      // In TLS 1.3 the refusal follows the client's handshake: it may meet the request half-way.
      assertThatThrownBy(() -> post(ingest, trusting(server.certificatePath())))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> handshake(ingest, "TLSv1.2")).isInstanceOf(SSLException.class);
    }
  }

  private static GrpcClient grpc(
      RunningIngest ingest, SelfSignedCertificate trusted, SelfSignedCertificate own)
      throws Exception {
    var ssl = GrpcSslContexts.forClient().trustManager(Path.of(trusted.certificatePath()).toFile());
    if (own != null) {
      ssl.keyManager(
          Path.of(own.certificatePath()).toFile(), Path.of(own.privateKeyPath()).toFile());
    }
    return new GrpcClient(
        NettyChannelBuilder.forAddress(HOST, ingest.port(ingest.grpc()))
            .sslContext(ssl.build())
            .build());
  }

  private static int post(RunningIngest ingest, SSLContext ssl) throws Exception {
    HttpClient http = HttpClient.newBuilder().sslContext(ssl).build();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("https://localhost:" + ingest.port(ingest.http()) + "/v1/traces"))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString("{}"))
            .build();
    return http.send(request, BodyHandlers.ofString()).statusCode();
  }

  private static SSLSocket connect(RunningIngest ingest, SSLContext ssl) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            ssl.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), ingest.port(ingest.http()));
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void handshake(RunningIngest ingest, String version) throws Exception {
    try (SSLSocket socket = connect(ingest, trusting(server.certificatePath()))) {
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
    }
  }

  /** One request on a connection that stays open; its answer. */
  private static String ask(SSLSocket socket) throws Exception {
    OutputStream out = socket.getOutputStream();
    out.write(
        "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
            .getBytes(UTF_8));
    out.flush();
    InputStream in = socket.getInputStream();
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith("{}")) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("closed after: " + answer);
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  private static X509Certificate presented(RunningIngest ingest) throws Exception {
    try (SSLSocket socket = connect(ingest, trusting(renewed.certificatePath()))) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (SSLException stillTheOld) {
      return null;
    }
  }

  private static X509Certificate certificate(SelfSignedCertificate of) throws Exception {
    try (InputStream in = Files.newInputStream(Path.of(of.certificatePath()))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static SSLContext trusting(String certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = Files.newInputStream(Path.of(certificate))) {
      store.setCertificateEntry(
          "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[0], trust.getTrustManagers(), null);
    return context;
  }

  private static String health(RunningIngest ingest) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(ingest.admin() + "/health")).build(),
            BodyHandlers.ofString())
        .body();
  }

  private static Path copy(String from, String name) throws Exception {
    return Files.copy(Path.of(from), dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }
}

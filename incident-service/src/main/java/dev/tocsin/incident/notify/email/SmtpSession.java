package dev.tocsin.incident.notify.email;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.MailResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One mail's talk with its server. It ends with the mail, whatever comes of it: nothing is read or
 * sent behind an outcome that has been told.
 *
 * <p>The mail client sets no limit to what a server says and makes its connections itself, so it is
 * given a Vert.x whose connections do. A client a mail costs little, as pages are rare, and tells
 * which mail a connection belongs to.
 */
final class SmtpSession {
  private final Promise<MailResult> sent;
  private final List<NetClient> connections = new ArrayList<>();
  private final MailClient client;

  private SmtpSession(VertxInternal vertx, MailConfig config) {
    this.sent = vertx.getOrCreateContext().promise();
    this.client = MailClient.create(new GuardingVertx(vertx), config);
  }

  /**
   * @param config of this session alone: the client writes to it
   * @return fails with {@link LongReplyException} when the server says too much, and with a
   *     TimeoutException when it takes too long
   */
  static Future<MailResult> send(
      Vertx vertx, MailConfig config, MailMessage mail, Duration timeout) {
    SmtpSession session = new SmtpSession((VertxInternal) vertx, config);
    session
        .client
        .sendMail(mail)
        .onSuccess(session.sent::tryComplete)
        .onFailure(session.sent::tryFail);
    return session
        .sent
        .future()
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(done -> session.end());
  }

  /** The connections first: the client would wait for a server that says no more. */
  private void end() {
    connections.forEach(NetClient::close);
    client.close();
  }

  /** What the mail client takes for Vert.x. */
  private final class GuardingVertx extends VertxWrapper {
    GuardingVertx(VertxInternal vertx) {
      super(vertx);
    }

    /**
     * The client switches the verification of host names off when it is told to verify by HTTPS,
     * and on when it is told nothing; here it is always on.
     */
    @Override
    public NetClient createNetClient(NetClientOptions options) {
      NetClientOptions verifying =
          new NetClientOptions(options).setHostnameVerificationAlgorithm("HTTPS");
      NetClient guarded = new GuardedNetClient(delegate.createNetClient(verifying), sent::tryFail);
      connections.add(guarded);
      return guarded;
    }
  }
}

package dev.tocsin.incident.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.kafka.Resume;
import dev.tocsin.incident.Alerts;
import dev.tocsin.incident.Database;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.RetryPolicy;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.AlertIntake.Position;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.postgres.IncidentDatabase;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order a storm's pages leave, over the outbox of a real PostgreSQL. */
class DispatchOrderIT {
  private static final int PAGES = 62;
  private static final long ANSWER_MS = 3;
  private static final Duration LEASE = Duration.ofSeconds(5);

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = Backends.freshDatabase("order");
  private final List<Long> sent = new CopyOnWriteArrayList<>();
  private IncidentDatabase database;
  private Dispatcher dispatcher;

  @BeforeEach
  void start() throws Exception {
    database = IncidentDatabase.create(vertx, server.settings());
    get(database.connections().start());
  }

  @AfterEach
  void stop() throws Exception {
    if (dispatcher != null) {
      get(dispatcher.stop());
    }
    get(database.connections().stop());
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Takes a moment, as a provider does, and notes what it accepted. */
  private final class Provider implements Notifier {
    private final Function<Message, Outcome> answers;

    Provider(Function<Message, Outcome> answers) {
      this.answers = answers;
    }

    @Override
    public String channel() {
      return "slack";
    }

    @Override
    public Future<Outcome> send(Message message) {
      Promise<Outcome> answer = Promise.promise();
      vertx.setTimer(
          ANSWER_MS,
          passed -> {
            Outcome outcome = answers.apply(message);
            if (outcome instanceof Outcome.Accepted) {
              sent.add(message.notificationId());
            }
            answer.complete(outcome);
          });
      return answer.future();
    }
  }

  private void dispatch(Notifier notifier) throws Exception {
    dispatcher =
        new Dispatcher(
            vertx,
            notifier,
            database.outbox(),
            new RetryPolicy(Duration.ofHours(24)),
            LEASE,
            8,
            InstantSource.system(),
            new SimpleMeterRegistry());
    AlertIntake intake =
        database
            .stores(
                EscalationPolicy.climbing(List.of("slack"), Duration.ofMinutes(5)),
                Map.of("slack", List.of("")))
            .intake();
    get(intake.resume(0, Resume.Point.NONE, new Resume(Resume.Point.NONE, List.of())));
    for (int i = 0; i < PAGES; i++) {
      get(intake.alert(new Position(0, i, i + 1), Alerts.firing("f" + i)));
    }
    get(dispatcher.start());
  }

  private void awaitAll() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                Database.count(
                        server,
                        "select count(*) from incident.notification"
                            + " where channel = 'slack' and state = 'accepted'")
                    == PAGES);
  }

  /** Pairs of pages that left the other way round than they were written. */
  private long inversions() {
    long inversions = 0;
    for (int i = 0; i < sent.size(); i++) {
      for (int j = i + 1; j < sent.size(); j++) {
        inversions += sent.get(i) > sent.get(j) ? 1 : 0;
      }
    }
    return inversions;
  }

  /** The database lets go of us just when the provider has said yes. */
  @Test
  void pageThatTheProviderHas_isNotSentAgain_whenItsConnectionBreaksBeforeThatIsStored()
      throws Exception {
    Set<Long> broken = ConcurrentHashMap.newKeySet();
    dispatch(
        new Provider(
            message -> {
              if (broken.size() < 5 && broken.add(message.notificationId())) {
                Backends.execute(
                    server,
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()");
              }
              return new Outcome.Accepted("ok");
            }));
    awaitAll();
    assertThat(sent).doesNotHaveDuplicates().hasSize(PAGES);
  }

  @Test
  void pages_keepTheirOrder_overARateLimitedChannel() throws Exception {
    Notifier provider = new Provider(message -> new Outcome.Accepted("ok"));
    dispatch(new RateLimitedNotifier(provider, 10, 1_200, InstantSource.system()));
    awaitAll();
    assertThat(sent).hasSize(PAGES).doesNotHaveDuplicates();
    assertThat(inversions()).isZero();
  }

  @Test
  void pages_keepTheirOrder_whenTheProviderAsksForAPause() throws Exception {
    dispatch(new Provider(new Pausing()));
    awaitAll();
    assertThat(sent).hasSize(PAGES).doesNotHaveDuplicates();
    assertThat(inversions()).isZero();
  }

  /** Refuses all for a while after each twentieth message. */
  private static final class Pausing implements Function<Message, Outcome> {
    private long untilMs;
    private int accepted;

    @Override
    public synchronized Outcome apply(Message message) {
      long nowMs = System.currentTimeMillis();
      if (nowMs < untilMs) {
        Duration wait = Duration.ofMillis(untilMs - nowMs);
        return new Outcome.Retry(Outcome.Reason.RATE_LIMITED, "429", wait);
      }
      accepted++;
      untilMs = accepted % 20 == 0 ? nowMs + 400 : untilMs;
      return new Outcome.Accepted("ok");
    }
  }
}

package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.Alerts.T0;
import static dev.tocsin.incident.Alerts.firing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.incident.Database;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.AlertIntake.Position;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What records of two partitions of the alerts topic do to the tables. */
class AlertIntakeIT {
  private static final Instant ENDS = T0.plusSeconds(240);
  private static final String GROUP = "default/red";

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = Backends.freshDatabase("intake");
  private final Map<Integer, Long> offsets = new HashMap<>();
  private IncidentDatabase database;
  private AlertIntake intake;
  private IncidentStore store;
  private Alarms alarms;

  @BeforeEach
  void start() throws Exception {
    database = IncidentDatabase.create(vertx, server.settings());
    get(database.connections().start());
    IncidentDatabase.Stores stores =
        database.stores(
            EscalationPolicy.climbing(List.of("slack"), Duration.ofMinutes(5)),
            Map.of("slack", List.of("")));
    intake = stores.intake();
    store = stores.incidents();
    alarms = stores.alarms();
    begin(0);
    begin(1);
  }

  @AfterEach
  void stop() throws Exception {
    get(database.connections().stop());
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private void begin(int partition) throws Exception {
    get(intake.resume(partition, Resume.Point.NONE, new Resume(Resume.Point.NONE, List.of())));
  }

  private Position next(int partition) {
    long before = offsets.getOrDefault(partition, 0L);
    offsets.put(partition, before + 1);
    return new Position(partition, before, before + 1);
  }

  private void take(int partition, AlertEvent event) throws Exception {
    get(intake.alert(next(partition), event));
  }

  private void beat(int partition, Instant at) throws Exception {
    get(intake.heartbeats(next(partition), List.of(new AlertHeartbeat(GROUP, "alert-1", at)), 2));
  }

  private void beatEverywhere(Instant at) throws Exception {
    beat(0, at);
    beat(1, at);
  }

  private static AlertEvent stated(Instant statedAt, Instant endsAt) {
    return firing("f", T0, statedAt, endsAt);
  }

  private void clock(Duration ahead) {
    Backends.execute(
        server,
        """
        create or replace function incident.current_instant() returns timestamptz
          language sql stable parallel safe
          as 'select clock_timestamp() + interval ''%d seconds'''"""
            .formatted(ahead.toSeconds()));
  }

  /** Reads the first partition to its end again and again while the clock goes on from there. */
  private void listen(Duration from, Duration listened) throws Exception {
    for (Duration on = Duration.ZERO; on.compareTo(listened) <= 0; on = on.plusSeconds(20)) {
      clock(from.plus(on));
      get(intake.readToEnd(0, offsets.get(0)));
    }
  }

  private long count(String sql) {
    return Database.count(server, "select count(*) from incident." + sql);
  }

  private List<String> texts(String sql) {
    return Database.texts(server, sql);
  }

  private long open() {
    return count("incident where fingerprint = 'f' and status <> 'resolved'");
  }

  @Test
  void incident_ends_onceItsGroupWasHeardInAllPartitions_afterItsEnd() throws Exception {
    take(0, stated(T0, ENDS));
    beat(0, ENDS.plusSeconds(10));
    assertThat(open()).isEqualTo(1);
    beat(1, ENDS.plusSeconds(3));
    assertThat(open()).isEqualTo(1);
    beat(1, ENDS.plusSeconds(13));
    assertThat(open()).isZero();
    assertThat(texts("select text from incident.timeline where kind = 'resolved'"))
        .containsExactly(
            "ended: not repeated since 2026-11-23T01:00:00Z,"
                + " source alert-1 alive at 2026-11-23T01:04:10Z");
    assertThat(texts("select resolved_by from incident.incident")).containsExactly("alert");
    assertThat(count("notification where channel = 'slack' and transition = 'resolved'"))
        .isEqualTo(1);
  }

  @Test
  void incident_goesOn_asLongAsItIsStatedAgain() throws Exception {
    take(0, stated(T0, ENDS));
    for (int minute = 1; minute < 10; minute++) {
      Instant now = T0.plusSeconds(60L * minute);
      take(0, stated(now, now.plusSeconds(240)));
      beatEverywhere(now.plusSeconds(1));
    }
    assertThat(open()).isEqualTo(1);
    assertThat(count("timeline")).isEqualTo(1);
    assertThat(count("notification where channel = 'slack'")).isEqualTo(1);
    beatEverywhere(T0.plusSeconds(9 * 60 + 246));
    assertThat(open()).isZero();
  }

  @Test
  void heartbeatFromBefore_provesNothing() throws Exception {
    // The owner's clock was ahead; the next one's is right.
    beatEverywhere(ENDS.plusSeconds(900));
    take(0, stated(T0, ENDS));
    assertThat(open()).isEqualTo(1);
    beatEverywhere(T0.plusSeconds(1));
    assertThat(open()).isEqualTo(1);
  }

  @Test
  void otherGroups_proveNothing() throws Exception {
    take(0, stated(T0, ENDS));
    for (int partition = 0; partition < 2; partition++) {
      AlertHeartbeat other = new AlertHeartbeat("default/other", "alert-1", ENDS.plusSeconds(99));
      get(intake.heartbeats(next(partition), List.of(other), 2));
    }
    assertThat(open()).isEqualTo(1);
  }

  @Test
  void alertThatGoesOnAfterAll_isANewIncident() throws Exception {
    take(0, stated(T0, ENDS));
    beatEverywhere(ENDS.plusSeconds(6));
    assertThat(open()).isZero();
    // The statement that was taken for over, once more: a record that came twice.
    take(0, stated(T0, ENDS));
    assertThat(open()).isZero();
    take(0, stated(ENDS.plusSeconds(30), ENDS.plusSeconds(270)));
    assertThat(open()).isEqualTo(1);
    take(0, stated(ENDS.plusSeconds(90), ENDS.plusSeconds(330)));
    assertThat(count("incident")).isEqualTo(2);
    assertThat(count("notification where channel = 'slack' and transition = 'triggered'"))
        .isEqualTo(2);
  }

  @Test
  void alertThatGoesOn_staysResolved_whenAPersonResolvedIt() throws Exception {
    take(0, stated(T0, ENDS));
    long id = Database.count(server, "select id from incident.incident");
    get(store.resolve(id, "Ada", ""));
    take(0, stated(T0.plusSeconds(60), ENDS.plusSeconds(60)));
    assertThat(count("incident")).isEqualTo(1);
    assertThat(open()).isZero();
  }

  @Test
  void silentSource_isMarkedAndAlarmedOnce_andEndsWithItsNextWord() throws Exception {
    take(0, stated(T0, ENDS));
    beatEverywhere(T0.plusSeconds(1));
    clock(Duration.ofMinutes(30));
    // Nobody has listened meanwhile: nothing is known.
    get(alarms.watch());
    assertThat(count("timeline where kind = 'source-silent'")).isZero();
    listen(Duration.ofMinutes(30), Duration.ofMinutes(3));
    Alarms.Watched silent = get(alarms.watch());
    assertThat(silent.silentGroups()).isEqualTo(1);
    assertThat(silent.open())
        .hasSize(1)
        .allMatch(text -> text.startsWith("source silent: rule group default/red (alert-1)"));
    get(alarms.watch());
    get(alarms.watch());
    assertThat(texts("select text from incident.timeline where kind = 'source-silent'"))
        .containsExactly(
            "source alert-1 silent since 2026-11-23T01:00:01Z:"
                + " not known whether the alert still fires");
    assertThat(open()).isEqualTo(1);
    String alarm = "incident where fingerprint = 'tocsin-self/source-silent/default/red'";
    assertThat(count(alarm)).isEqualTo(1);
    assertThat(count("notification where channel = 'slack'")).isEqualTo(2);

    beat(0, T0.plusSeconds(1_801));
    Alarms.Watched heard = get(alarms.watch());
    assertThat(heard.open()).isEmpty();
    assertThat(heard.silentGroups()).isZero();
    assertThat(count("timeline where kind = 'source-speaks'")).isEqualTo(1);
    assertThat(count(alarm + " and status = 'resolved'")).isEqualTo(1);
    assertThat(open()).isEqualTo(1);
    beat(1, T0.plusSeconds(1_801));
    assertThat(open()).isZero();
  }

  @Test
  void ownPause_isNoSilence_theTwoMinutesBeginAnew() throws Exception {
    take(0, stated(T0, ENDS));
    beat(0, T0.plusSeconds(1));
    clock(Duration.ofMinutes(30));
    get(intake.readToEnd(0, offsets.get(0)));
    assertThat(get(alarms.watch()).silentGroups()).isZero();
    listen(Duration.ofMinutes(30), Duration.ofSeconds(100));
    assertThat(get(alarms.watch()).silentGroups()).isZero();
    // What is read first after another pause is a record.
    clock(Duration.ofMinutes(40));
    get(intake.skip(next(0)));
    get(intake.readToEnd(0, offsets.get(0)));
    assertThat(get(alarms.watch()).silentGroups()).isZero();
    listen(Duration.ofMinutes(40), Duration.ofSeconds(140));
    assertThat(get(alarms.watch()).silentGroups()).isEqualTo(1);
  }

  @Test
  void clockThatIsSetBack_isNoSilence_andPutsNoneOff() throws Exception {
    clock(Duration.ofHours(5));
    take(0, stated(T0, ENDS));
    beat(0, T0.plusSeconds(1));
    get(intake.readToEnd(0, offsets.get(0)));
    clock(Duration.ZERO);
    // By the new clock, while the time of the last read is of the old one.
    Resume.Point kept = get(intake.kept(0)).point();
    get(intake.resume(0, kept, new Resume(kept, List.of())));
    take(0, stated(T0.plusSeconds(60), ENDS.plusSeconds(60)));
    beat(0, T0.plusSeconds(61));
    assertThat(get(alarms.watch()).silentGroups()).isZero();
    get(intake.readToEnd(0, offsets.get(0)));
    assertThat(get(alarms.watch()).silentGroups()).isZero();

    // Now the other way round: the last word was said by the old clock.
    clock(Duration.ofHours(5));
    take(0, stated(T0.plusSeconds(120), ENDS.plusSeconds(120)));
    beat(0, T0.plusSeconds(121));
    get(intake.readToEnd(0, offsets.get(0)));
    listen(Duration.ZERO, Duration.ofSeconds(340));
    assertThat(get(alarms.watch()).silentGroups()).isZero();
    listen(Duration.ofSeconds(340), Duration.ofSeconds(60));
    assertThat(get(alarms.watch()).silentGroups()).isEqualTo(1);
  }

  @Test
  void silentSource_isAlarmedOnce_whenAPersonResolvesTheAlarm() throws Exception {
    take(0, stated(T0, ENDS));
    listen(Duration.ofMinutes(30), Duration.ofMinutes(3));
    get(alarms.watch());
    long alarm =
        Database.count(
            server,
            "select id from incident.incident where fingerprint like 'tocsin-self/source-silent/%'");
    get(store.resolve(alarm, "Ada", ""));
    assertThat(get(alarms.watch()).open()).isEmpty();
    assertThat(get(alarms.watch()).silentGroups()).isEqualTo(1);
    assertThat(count("incident")).isEqualTo(2);
    // Nothing that is open depends on it any more.
    get(store.resolve(1, "Ada", ""));
    assertThat(get(alarms.watch()).silentGroups()).isZero();
  }

  @Test
  void incidentOfAnOlderVersion_neverEndsByItself_untilItIsStatedAgain() throws Exception {
    take(0, stated(T0, ENDS));
    // What the version before this one wrote: neither statements nor heartbeats.
    Backends.execute(
        server,
        """
        update incident.incident set rule_group = null, part = null, statement_id = null,
          stated_at = null, ends_at = null, holds_until = null""");
    beatEverywhere(ENDS.plusSeconds(600));
    listen(Duration.ofDays(2), Duration.ofMinutes(3));
    assertThat(get(alarms.watch()).open()).isEmpty();
    assertThat(open()).isEqualTo(1);
    take(0, stated(ENDS.plusSeconds(600), ENDS.plusSeconds(840)));
    beatEverywhere(ENDS.plusSeconds(846));
    assertThat(open()).isZero();
  }

  @Test
  void statementsAreForgotten_whenAnOlderVersionReadOnMeanwhile() throws Exception {
    take(0, stated(T0, ENDS));
    // It moved the offset over a repetition, of which it keeps nothing.
    Backends.execute(server, "update incident.kafka_offset set next_offset = 2 where part = 0");
    Resume.Point kept = get(intake.kept(0)).point();
    assertThat(get(intake.resume(0, kept, Resume.of(kept, extent(0, 2, Uuid.ZERO_UUID)))))
        .isEmpty();
    offsets.put(0, 2L);
    beatEverywhere(ENDS.plusSeconds(600));
    assertThat(open()).isEqualTo(1);
  }

  private static Extent extent(long beginning, long end, Uuid id) {
    return new Extent(beginning, end, id);
  }

  @Test
  void heartbeatsFromBefore_proveNothing_whenStatementsAreReadAgainAfterALoss() throws Exception {
    Uuid id = new Uuid(7, 9);
    Resume.Point begun = get(intake.kept(0)).point();
    get(intake.resume(0, begun, Resume.of(begun, extent(0, 0, id))));
    take(0, stated(T0, ENDS));
    take(0, stated(T0.plusSeconds(600), ENDS.plusSeconds(600)));
    beatEverywhere(ENDS.plusSeconds(600));
    Resume.Point kept = get(intake.kept(0)).point();
    Resume.Point again = new Resume.Point(0, id, 1);
    get(intake.resume(0, kept, new Resume(again, Resume.of(kept, extent(0, 2, id)).gaps())));
    offsets.put(0, 0L);
    take(0, stated(T0, ENDS));
    beat(1, ENDS.plusSeconds(610));
    assertThat(open()).isEqualTo(1);
  }

  @Test
  void missingRecords_areNoted_raiseAnAlarm_andKeepOpenWhatIsOpen() throws Exception {
    take(0, stated(T0, ENDS));
    Uuid id = new Uuid(7, 9);
    Resume.Point kept = get(intake.kept(0)).point();
    Resume known = Resume.of(kept, extent(0, 1, id));
    assertThat(get(intake.resume(0, kept, known))).isEmpty();
    assertThat(get(intake.kept(0)).point()).isEqualTo(new Resume.Point(1, id, 0));

    Resume.Point before = get(intake.kept(0)).point();
    Resume retention = Resume.of(before, extent(5, 9, id));
    assertThat(get(intake.resume(0, before, retention))).hasSize(1);
    Resume.Point after = get(intake.kept(0)).point();
    assertThat(after).isEqualTo(new Resume.Point(5, id, 0));
    Resume lost = Resume.of(after, extent(0, 3, id));
    get(intake.resume(0, after, lost));
    Resume.Point third = get(intake.kept(0)).point();
    get(intake.resume(0, third, Resume.of(third, extent(0, 0, new Uuid(8, 8)))));
    assertThat(get(intake.kept(0)).point()).isEqualTo(new Resume.Point(0, new Uuid(8, 8), 2));

    assertThat(
            texts(
                """
                select concat_ws(' ', reason, from_offset, to_offset) from incident.alert_gap
                order by id"""))
        .containsExactly("retention 1 5", "lost_tail 3 5", "new_topic 3");
    assertThat(texts("select title from incident.incident where fingerprint like 'tocsin-self%'"))
        .containsExactly("alerts missing: tocsin.alerts-0 from offset 1 to 5 (retention)");
    assertThat(count("timeline where kind = 'again'")).isEqualTo(2);
    offsets.put(0, 0L);
    beatEverywhere(ENDS.plusSeconds(600));
    assertThat(open()).isEqualTo(1);

    // Whoever decided on what is not kept any more begins again.
    assertThatThrownBy(() -> get(intake.resume(0, before, retention)))
        .hasCauseInstanceOf(AlertIntake.FencedException.class);
  }

  @Test
  void alarm_isRaisedOnce_andCountsAnother() throws Exception {
    SelfAlarm one = SelfAlarm.alertPutAside("tocsin.alerts-0@17", T0, "malformed: no\0 json");
    SelfAlarm two = SelfAlarm.alertPutAside("tocsin.alerts-1@3", T0, "x".repeat(100_000));
    get(alarms.raise(one));
    get(alarms.raise(one));
    get(alarms.raise(two));
    assertThat(count("incident")).isEqualTo(1);
    assertThat(count("notification where channel = 'slack'")).isEqualTo(1);
    assertThat(count("timeline where kind = 'again'")).isEqualTo(1);
    get(store.resolve(Database.count(server, "select id from incident.incident"), "Ada", ""));
    get(alarms.raise(two));
    assertThat(get(alarms.watch()).open()).isEmpty();
    get(alarms.raise(SelfAlarm.alertPutAside("tocsin.alerts-1@4", T0, "malformed")));
    assertThat(get(alarms.watch()).open()).hasSize(1);
  }

  @Test
  void alarmsOfManyAtOnce_areOneIncident() throws Exception {
    List<Future<IncidentStore.Change>> raised =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(n -> alarms.raise(SelfAlarm.alertPutAside("tocsin.alerts-0@" + n, T0, "x")))
            .toList();
    for (Future<IncidentStore.Change> one : raised) {
      get(one);
    }
    assertThat(count("incident")).isEqualTo(1);
    assertThat(count("timeline where kind = 'again'")).isEqualTo(7);
  }

  @Test
  void notes_ofOneKind_areBounded() throws Exception {
    for (int i = 0; i < 130; i++) {
      get(alarms.raise(SelfAlarm.alertPutAside("tocsin.alerts-0@" + i, T0, "malformed")));
    }
    assertThat(count("timeline where kind = 'again'")).isEqualTo(100);
  }
}

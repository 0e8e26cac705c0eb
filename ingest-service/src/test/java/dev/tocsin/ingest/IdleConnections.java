package dev.tocsin.ingest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program, not a test: opens idle connections to an ingest that runs in another process, and says
 * what each costs it in resident memory and how fast it answers then.
 *
 * <pre>
 *   IdleConnections GRPC_PORT COUNT INGEST_PID
 * </pre>
 *
 * Each connection speaks HTTP/2 as an SDK's does between two exports. At most as many are opened as
 * the limit on open files allows; clients come from several loopback addresses, since one has some
 * 28,000 ports.
 */
public final class IdleConnections {
  private static final int PER_ADDRESS = 10_000;

  private IdleConnections() {}

  public static void main(String... arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    int wanted = Integer.parseInt(arguments[1]);
    long pid = Long.parseLong(arguments[2]);
    report(port, pid, 0, 0);
    long before = residentKilobytes(pid);
    List<SocketChannel> open = new ArrayList<>();
    try {
      while (open.size() < wanted) {
        open.add(connect(port, open.size()));
      }
    } catch (IOException e) {
      System.out.println("no more than " + open.size() + ": " + e.getMessage());
    }
    for (int i = 0; i < 3; i++) {
      report(port, pid, open.size(), before);
    }
    long alive = open.stream().filter(IdleConnections::isAlive).count();
    System.out.println(alive + " of " + open.size() + " connections are still open");
    for (SocketChannel channel : open) {
      channel.close();
    }
  }

  private static SocketChannel connect(int port, int index) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
    byte[] address = {127, 0, 0, (byte) (2 + index / PER_ADDRESS)};
    channel.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    ByteBuffer preface = ByteBuffer.wrap(Http2Frames.PREFACE);
    while (preface.hasRemaining()) {
      int unused = channel.write(preface);
    }
    return channel;
  }

  /** Reads what came so far; the end of the stream would be a connection lost. */
  private static boolean isAlive(SocketChannel channel) {
    try {
      channel.configureBlocking(false);
      ByteBuffer some = ByteBuffer.allocate(1_024);
      int read = channel.read(some);
      while (read > 0) {
        some.clear();
        read = channel.read(some);
      }
      return read == 0;
    } catch (IOException lost) {
      return false;
    }
  }

  private static void report(int port, long pid, int open, long before) throws Exception {
    try (GrpcClient client = new GrpcClient("127.0.0.1:" + port)) {
      byte[] body = Otlp.traces("idle-connections", 1, 100).toByteArray();
      for (int i = 0; i < 20; i++) {
        byte[] unused = client.call(GrpcClient.TRACES, body);
      }
      long[] micros = new long[100];
      for (int i = 0; i < micros.length; i++) {
        long begin = System.nanoTime();
        byte[] unused = client.call(GrpcClient.TRACES, body);
        micros[i] = (System.nanoTime() - begin) / 1_000;
      }
      Arrays.sort(micros);
      long resident = residentKilobytes(pid);
      System.out.printf(
          "%d open: RSS %d MiB%s; 100 exports of 100 spans: p50 %d us, p99 %d us%n",
          open,
          resident >> 10,
          open == 0 ? "" : ", %.1f KiB a connection".formatted((double) (resident - before) / open),
          micros[50],
          micros[98]);
    }
  }

  private static long residentKilobytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS of process " + pid);
  }
}

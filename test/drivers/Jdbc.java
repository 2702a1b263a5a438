import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.JDBCType;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Reads a view's rows through pgJDBC and prints what it got: see test/drivers.sh.
 *
 * <p>Usage: java -cp postgresql.jar Jdbc.java VIEW [COLUMN_TO_SUM ...]
 */
public class Jdbc {
	private static final DateTimeFormatter MOMENT =
			DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

	public static void main(String[] args) throws Exception {
		Properties properties = new Properties();
		properties.setProperty("user", System.getenv("PGUSER"));
		properties.setProperty("sslmode", "disable");
		properties.setProperty("gssEncMode", "disable");
		String url = "jdbc:postgresql://127.0.0.1:" + startRelay() + "/" + System.getenv("PGDATABASE");

		try (Connection connection = DriverManager.getConnection(url, properties);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT * FROM " + args[0])) {
			System.out.println(connection.getMetaData().getDriverVersion());
			printColumns(rows.getMetaData());
			printRows(rows, Arrays.asList(args).subList(1, args.length));
		}
	}

	private static void printColumns(ResultSetMetaData columns) throws SQLException {
		for (int i = 1; i <= columns.getColumnCount(); i++) {
			String type = JDBCType.valueOf(columns.getColumnType(i)).getName();
			String className = columns.getColumnClassName(i).replaceFirst(".*\\.", "");
			System.out.println("column " + columns.getColumnName(i) + " " + type + "/" + className);
		}
	}

	/** Prints the rows, and the sums of these columns for each agent and for all. */
	private static void printRows(ResultSet rows, List<String> namesToSum) throws SQLException {
		ResultSetMetaData columns = rows.getMetaData();
		Map<String, Number[]> sums = new TreeMap<>();
		while (rows.next()) {
			List<String> texts = new ArrayList<>();
			for (int i = 1; i <= columns.getColumnCount(); i++) {
				Object value = rows.getObject(i);
				if (value != null && !value.getClass().getName().equals(columns.getColumnClassName(i))) {
					throw new ClassCastException(columns.getColumnName(i) + " holds a " + value.getClass().getName());
				}
				texts.add(textOf(value));
			}
			System.out.println("row " + String.join("\t", texts));

			for (String agent : List.of("all", rows.getString("agent_id"))) {
				Number[] ofAgent = sums.computeIfAbsent(agent, name -> new Number[namesToSum.size()]);
				for (int i = 0; i < ofAgent.length; i++) {
					ofAgent[i] = add(ofAgent[i], (Number) rows.getObject(namesToSum.get(i)));
				}
			}
		}
		sums.forEach((agent, ofAgent) -> {
			System.out.print("sum " + agent);
			for (Number sum : ofAgent) {
				System.out.print(" " + textOf(sum));
			}
			System.out.println();
		});
	}

	private static Number add(Number sum, Number value) {
		if (value instanceof Double) {
			return (sum == null ? 0 : sum.doubleValue()) + value.doubleValue();
		}
		return (sum == null ? 0 : sum.longValue()) + value.longValue();
	}

	/** A value as all the programs print it. */
	private static String textOf(Object value) {
		if (value == null) {
			return "\\N";
		}
		if (value instanceof Double) {
			return String.format(Locale.ROOT, "%.3f", value);
		}
		if (value instanceof Timestamp) {
			return MOMENT.format(((Timestamp) value).toInstant());
		}
		return value.toString();
	}

	/**
	 * Relays one connection from a free port of this machine, which it returns, to the server's Unix socket: pgJDBC
	 * knows TCP only. The port is closed to others as soon as it is connected to.
	 */
	private static int startRelay() throws IOException {
		String path = System.getenv("PGHOST") + "/.s.PGSQL." + System.getenv("PGPORT");
		ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
		inBackground(() -> {
			try (Socket client = listener.accept();
					SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
				listener.close();
				inBackground(() -> copy(client.getInputStream(), server));
				copy(server, client.getOutputStream());
			}
		});
		return listener.getLocalPort();
	}

	private static void copy(InputStream from, SocketChannel to) throws IOException {
		byte[] bytes = new byte[8192];
		for (int length; (length = from.read(bytes)) >= 0; ) {
			ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
			while (buffer.hasRemaining()) {
				to.write(buffer);
			}
		}
		to.shutdownOutput();
	}

	private static void copy(SocketChannel from, OutputStream to) throws IOException {
		ByteBuffer buffer = ByteBuffer.allocate(8192);
		while (from.read(buffer) >= 0) {
			to.write(buffer.array(), 0, buffer.position());
			buffer.clear();
		}
	}

	private interface Work {
		void run() throws IOException;
	}

	/** Runs this in a thread that does not keep the program from ending. */
	private static void inBackground(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			} catch (IOException e) {
				// The end of the connection, for pgJDBC too: it is for that to say whether it was too early.
			}
		});
		thread.setDaemon(true);
		thread.start();
	}
}

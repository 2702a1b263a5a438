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
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads a query's rows through pgJDBC and prints what it got: see test/drivers.sh.
 *
 * <p>Usage: java -cp postgresql.jar Jdbc.java QUERY [COLUMN_TO_GROUP_BY FORMULA ...]
 */
public class Jdbc {
	private static final DateTimeFormatter MOMENT =
			DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);
	private static final DateTimeFormatter LOCAL_TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS");
	private static final Pattern FORMULA = Pattern.compile("(sum|avg)\\((\\w+)\\)(?:/sum\\((\\w+)\\))?");

	public static void main(String[] args) throws Exception {
		Properties properties = new Properties();
		properties.setProperty("user", System.getenv("PGUSER"));
		properties.setProperty("sslmode", "disable");
		properties.setProperty("gssEncMode", "disable");
		String url = "jdbc:postgresql://127.0.0.1:" + startRelay() + "/" + System.getenv("PGDATABASE");

		try (Connection connection = DriverManager.getConnection(url, properties);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(args[0])) {
			System.out.println(connection.getMetaData().getDriverVersion());
			printColumns(rows.getMetaData());
			List<Map<String, Object>> values = readRows(rows);
			for (Map<String, Object> row : values) {
				System.out.println("row " + row.values().stream().map(Jdbc::textOf).collect(Collectors.joining("\t")));
			}
			if (args.length > 1) {
				printValues(values, args[1], Arrays.asList(args).subList(2, args.length));
			}
		}
	}

	private static void printColumns(ResultSetMetaData columns) throws SQLException {
		for (int i = 1; i <= columns.getColumnCount(); i++) {
			String type = JDBCType.valueOf(columns.getColumnType(i)).getName();
			String className = columns.getColumnClassName(i).replaceFirst(".*\\.", "");
			System.out.println("column " + columns.getColumnName(i) + " " + type + "/" + className);
		}
	}

	private static List<Map<String, Object>> readRows(ResultSet rows) throws SQLException {
		ResultSetMetaData columns = rows.getMetaData();
		List<Map<String, Object>> all = new ArrayList<>();
		while (rows.next()) {
			Map<String, Object> row = new LinkedHashMap<>();
			for (int i = 1; i <= columns.getColumnCount(); i++) {
				Object value = rows.getObject(i);
				if (value != null && !value.getClass().getName().equals(columns.getColumnClassName(i))) {
					throw new ClassCastException(columns.getColumnName(i) + " holds a " + value.getClass().getName());
				}
				// A Timestamp is a moment. pgJDBC makes one of a local time, by the JVM's zone: where the clocks skip that
				// time, it is another one. A LocalDateTime is safe.
				if (columns.getColumnTypeName(i).equals("timestamp")) {
					value = rows.getObject(i, LocalDateTime.class);
				}
				row.put(columns.getColumnName(i), value);
			}
			all.add(row);
		}
		return all;
	}

	/** Prints the formulas' values over the rows of each group and over all. */
	private static void printValues(List<Map<String, Object>> rows, String groupBy, List<String> formulas) {
		Map<Object, List<Map<String, Object>>> groups = new HashMap<>();
		for (Map<String, Object> row : rows) {
			groups.computeIfAbsent(row.get(groupBy), group -> new ArrayList<>()).add(row);
		}
		groups.put("all", rows);
		groups.forEach((group, ofGroup) -> {
			for (String formula : formulas) {
				System.out.println("value " + formula + " " + group + " " + textOf(compute(formula, ofGroup)));
			}
		});
	}

	/** The value of sum(A), avg(A) or sum(A)/sum(B) over rows; null without anything to divide by. */
	private static Number compute(String formula, List<Map<String, Object>> rows) {
		Matcher parts = FORMULA.matcher(formula);
		if (!parts.matches()) {
			throw new IllegalArgumentException(formula);
		}
		List<Number> values = valuesOf(parts.group(2), rows);
		Number divisor;
		if (parts.group(1).equals("avg")) {
			divisor = values.size();
		} else if (parts.group(3) != null) {
			divisor = sum(valuesOf(parts.group(3), rows));
		} else {
			return sum(values);
		}
		return divisor.doubleValue() == 0 ? null : sum(values).doubleValue() / divisor.doubleValue();
	}

	/** The values of a column that are not null. */
	private static List<Number> valuesOf(String name, List<Map<String, Object>> rows) {
		return rows.stream().map(row -> (Number) row.get(name)).filter(Objects::nonNull).collect(Collectors.toList());
	}

	private static Number sum(List<Number> values) {
		return values.stream().reduce(0L, (sum, value) -> {
			if (value instanceof Double) {
				return sum.doubleValue() + value.doubleValue();
			}
			return sum.longValue() + value.longValue();
		});
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
		if (value instanceof LocalDateTime) {
			return LOCAL_TIME.format((LocalDateTime) value);
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

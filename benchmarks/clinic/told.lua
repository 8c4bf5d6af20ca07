-- What wrk found, as one line of JSON: answers, seconds, percentiles in ms, errors.
-- An answer that is neither 200 nor 304 (a redirect to the sign-in page, say) counts as an error.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  strange = 0
end

function response(status)
  if status ~= 200 and status ~= 304 then
    strange = strange + 1
  end
end

function done(summary, latency)
  local others = 0
  for _, thread in ipairs(threads) do
    others = others + thread:get("strange")
  end
  local wrong = summary.errors
  io.write(string.format(
    '{"answers": %d, "seconds": %.6f, '
      .. '"ms": {"p50": %.3f, "p95": %.3f, "p99": %.3f, "max": %.3f}, '
      .. '"errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    wrong.connect, wrong.read, wrong.write, others, wrong.timeout))
end

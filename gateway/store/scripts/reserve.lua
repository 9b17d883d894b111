-- Puts one attempt in the state `sending`, if the recipient's record is still what was decided on.
-- KEYS  1 the bucket's records   2 the bucket's open attempts (both in one slot)
-- ARGV  1 the recipient's field   2 the revision that was decided on   3 attempt id   4 worker   5 sealed detail
-- Answer  1 granted, also where this worker has it already; 0 the facts have moved on, or another has it
-- An attempt is `STATE|WORKER|MICROSECONDS|DETAIL`, STATE being s (sending) or d (in doubt).

local held = redis.call('HGET', KEYS[2], ARGV[3])
if held then
    local state, worker = string.match(held, '^(%a)|([^|]*)|')
    return (state == 's' and worker == ARGV[4]) and 1 or 0
end
local record = redis.call('HGET', KEYS[1], ARGV[1])
local revision = record and string.match(record, '^%d+') or '0'
if revision ~= ARGV[2] then
    return 0
end
local now = redis.call('TIME')
local at = now[1] .. string.format('%06d', now[2])
redis.call('HSET', KEYS[2], ARGV[3], 's|' .. ARGV[4] .. '|' .. at .. '|' .. ARGV[5])
return 1

-- Changes fields, of one hash or several, if all of them are still what was read.
-- KEYS  the hashes (all in one slot)
-- ARGV  in fours: which hash, a field, what was read, empty for nothing, and what it becomes; an empty one is forgotten
-- Answer  1 changed; 0 somebody else was faster

for i = 1, #ARGV, 4 do
    if (redis.call('HGET', KEYS[tonumber(ARGV[i])], ARGV[i + 1]) or '') ~= ARGV[i + 2] then
        return 0
    end
end
for i = 1, #ARGV, 4 do
    if ARGV[i + 3] == '' then
        redis.call('HDEL', KEYS[tonumber(ARGV[i])], ARGV[i + 1])
    else
        redis.call('HSET', KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 3])
    end
end
return 1

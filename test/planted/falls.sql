SELECT public.participation(c) FROM public.calls AS c
SELECT public.best_known(c) FROM public.calls AS c
SELECT public.activity_tells_more(c, c) FROM public.calls AS c
SELECT c::public.activity FROM public.calls AS c
SELECT pg_catalog.count(*) FROM public.calls AS c WHERE c.state = 'Ringing'
